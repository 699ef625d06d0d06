"""Word lists for reading requests, English and German, with what other languages say most."""

from typing import Final

_LABELS: Final = """
customer_id: customer id | customer no | customer number | customer | customer name | customer code |
    client id | client number | account id | account number | account no | account | contract id |
    contract number | contract no | contract | company id | organisation | organization | company |
    subscription id | kundennummer | kunden-nr | kundennr | kunden nr | kunden-id | kunde |
    vertragsnummer | vertrag | vertrags-nr | firma
contact_name: contact name | contact | contact person | name | your name | full name | reported by |
    reporter | requester | ansprechpartner | ansprechpartnerin | kontakt | kontaktperson | ihr name |
    gemeldet von | melder
contact_email: email | e-mail | contact email | contact e-mail | email address | e-mail address | mail |
    e-mail-adresse | mailadresse
contact_phone: phone | phone number | telephone | tel | telephone number | contact phone | mobile |
    mobile number | cell | call back | callback number | direct | direct line | phone no | telefon |
    telefonnummer | tel-nr | mobil | mobilnummer | handy | rückruf | rückrufnummer | durchwahl | contact
    number | t | m | téléphone
business_impact: business impact | impact | impact on business | business effect | effect | consequence |
    consequences | what is the impact | users affected | affected users | auswirkung | auswirkungen |
    geschäftliche auswirkung | geschäftliche auswirkungen | geschäftsauswirkung | betroffene benutzer |
    betroffene
desired_severity: severity | desired severity | requested severity | severity level | sev | priority |
    prio | desired priority | urgency | criticality | schweregrad | gewünschter schweregrad | priorität |
    dringlichkeit | gewünschte priorität | severity requested
related_tickets: related tickets | related ticket | related ticket numbers | related open tickets |
    related open ticket numbers | ticket | ticket number | ticket no | ticket id | your ticket | your
    reference | related cases | see also | related | case number | related open ticket number |
    ticketnummer | ticket-nr | ihr ticket | ihr zeichen | verwandte tickets | zugehörige tickets | bezug
description: description | detailed description | problem description | issue description | problem |
    issue | details | summary | what happened | what happens | actual result | actual behaviour | actual
    behavior | request | question | beschreibung | fehlerbeschreibung | problembeschreibung |
    detaillierte beschreibung | was ist passiert | anfrage | frage | fehlerbild
steps: steps to reproduce | steps | reproduction | reproduction steps | how to reproduce | repro steps |
    repro | to reproduce | steps taken | schritte | schritte zum nachstellen | schritte zur reproduktion
    | reproduktionsschritte | so lässt es sich nachstellen | nachstellen | reproduktion | wie nachstellen
frequency: frequency | how often | how often does it happen | how often does it occur | occurrence |
    reproducibility | reproducible | häufigkeit | wie oft | wie häufig | reproduzierbar | tritt auf |
    auftreten
product_version: product version | version | software version | product and version | product | release |
    build | version number | product release | app version | produktversion | produkt | softwareversion |
    programmversion | versionsnummer | product version and build | produkt und version
environment: environment | env | system environment | operating environment | environments | platform |
    operating system | os | system | instance | site | server | umgebung | systemumgebung |
    betriebssystem | plattform | instanz
debugging: debugging details | debugging | debugging information | debug information | debug | logs | log
    | log output | log excerpt | error | error message | error text | error code | stack trace |
    stacktrace | trace | diagnostics | diagnostic information | fehlermeldung | fehlertext | fehlercode |
    protokoll | logauszug | diagnose | log-auszug | debug-informationen
customer_reference: our reference | our ref | our ticket | our case | our ticket number | internal
    reference | internal ticket | reference | reference number | ref | po number | our incident | unser
    zeichen | unsere referenz | unsere ticketnummer | unser ticket | interne referenz | referenz |
    interne ticketnummer | unsere vorgangsnummer | vorgangsnummer | bestellnummer | customer reference
since: since | since when | started | start time | began | first seen | first occurrence | first occurred
    | date and time | when | when did it start | time of occurrence | seit | seit wann | beginn |
    erstmals | erstmals aufgetreten | aufgetreten am | zeitpunkt | wann
"""

# Labels that also stand before a colon in ordinary sentences: their value must be short and beside them.
_WEAK: Final = """
account | anfrage | company | contact | contract | customer | details | direct | error | firma |
frage | issue | kontakt | kunde | log | logs | m | mail | name | problem | product | question |
related | request | server | site | started | summary | system | t | ticket | vertrag | wann | when
"""

# Words that a note of thanks may hold besides the thanks.
_POLITE: Final = """
a abend absolutely afternoon again aide aiuto all alle allen alles also am amazing an and answer
answering antwort as assistance at attention auch auf aus awesome ayuda back beaucoup bem best beste
bestens bien bis bonjour bonne br brilliant buen buenos by bye care cheers ciao clarification colleague
colleagues confirm confirmation confirmed confirming cool dann das day de dear den der dia dich die dir
du effort ein eine einen erledigt es et euch evening everybody everyone everything excellent explaining
explanation fabulous fantastic fast fine fix fixed fixing folks follow followup for from fuer för für
fürs geholfen gern gerne getting glad good goodbye great gruesse gruss gruß grüße gut guten guys haben
habt hallo happy hast hat have heads hej hello help helped helpful helping hey hi hier hilfe hola hulp i
ich ihnen ihr ihre ihren il im in info information infos iphone is ist it its ja je jetzt job journée
kind kindly klasse kr la later le les lg liebe lieben loesung looks lot lots love lovely lösung ma many
me mfg mille mit mobile moin morning much muchas mucho my mycket nice night nochmal nochmals noted now
nun of ok okay on one our patience per perfect perfectly perfekt por pour pretty prima prompt quick
quickest quickly rapid rasche reading reaktion really received regards reply resolution response rgds
rückmeldung schnell schnelle schnellen schon schöne schönen see seems sehr sent service servus sie
sincere sincerely so solution solving soon sorting speedy spitze su super support sure swift så tag
taking team thank thanks that thats the this time tip to today toll tolle tschüss tuo und uns
unterstützung up update us very vg viele vielen voor votre warm we week weekend well wieder wir wish
wishes wochenende wonderful work worked working works yep yes yesterday you your yours yup zurück
zusammen
"""


def words(text: str, separator: str | None = None) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(word.strip() for word in text.split(separator))


WEAK_LABELS: Final = words(_WEAK, "|")
POLITE: Final = words(_POLITE)


def labels() -> dict[str, str]:
    """Every label a line may begin with, in lower case, and the field it means."""
    found: dict[str, str] = {}
    for entry in _LABELS.replace("\n    ", " ").strip().split("\n"):
        name, _, known = entry.partition(":")
        found |= dict.fromkeys(words(known, "|"), name)
    return found
