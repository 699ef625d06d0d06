from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "mainstay.knowledge"
    label = "knowledge"
