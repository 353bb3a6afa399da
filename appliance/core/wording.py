"""What a verdict says to the guest, in the language of the ticket; staff reads the box's own. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from appliance.core.gate import Case
from appliance.core.money import Currency
from appliance.core.verdict import Decision, Direction, GuestLine, Verdict

LANGUAGES = ("en", "de", "fr", "es", "it", "pt")
_PLACE = re.compile(r"{(\w+)}")
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_-]*)?")  # RFC 5646, of which the first part counts; pretix: de-informal

# reason (an admission: `admit`; on the way out: `exit`) -> title and message in the order of LANGUAGES.
TEXTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "admit": (
        ("Welcome", "Your ticket is valid: {type}."),
        ("Willkommen", "Ihr Ticket ist gültig: {type}."),
        ("Bienvenue", "Votre billet est valable : {type}."),
        ("Bienvenido", "Su entrada es válida: {type}."),
        ("Benvenuto", "Il suo biglietto è valido: {type}."),
        ("Bem-vindo", "O seu bilhete é válido: {type}."),
    ),
    "exit": (
        ("Goodbye", "Thank you for coming."),
        ("Auf Wiedersehen", "Danke für Ihren Besuch."),
        ("Au revoir", "Merci de votre visite."),
        ("Hasta pronto", "Gracias por su visita."),
        ("Arrivederci", "Grazie della visita."),
        ("Até breve", "Obrigado pela visita."),
    ),
    "unknown": (
        ("Not known", "This code is not on our list. Do you have another one?"),
        ("Nicht bekannt", "Dieser Code steht nicht auf unserer Liste. Haben Sie einen anderen?"),
        ("Inconnu", "Ce code n'est pas sur notre liste. En avez-vous un autre ?"),
        ("Desconocida", "Este código no está en nuestra lista. ¿Tiene otro?"),
        ("Non riconosciuto", "Questo codice non è nella nostra lista. Ne ha un altro?"),
        ("Desconhecido", "Este código não está na nossa lista. Tem outro?"),
    ),
    "bad_signature": (
        ("Not genuine", "This ticket was not issued by the organiser."),
        ("Nicht echt", "Dieses Ticket stammt nicht vom Veranstalter."),
        ("Non authentique", "Ce billet n'a pas été émis par l'organisateur."),
        ("No auténtica", "Esta entrada no fue emitida por el organizador."),
        ("Non autentico", "Questo biglietto non è stato emesso dall'organizzatore."),
        ("Não autêntico", "Este bilhete não foi emitido pelo organizador."),
    ),
    "unreadable": (
        ("Not readable", "Please show the code once more."),
        ("Nicht lesbar", "Bitte zeigen Sie den Code noch einmal."),
        ("Illisible", "Veuillez montrer le code encore une fois."),
        ("Ilegible", "Muestre el código otra vez, por favor."),
        ("Illeggibile", "Mostri il codice ancora una volta, per favore."),
        ("Ilegível", "Mostre o código outra vez, por favor."),
    ),
    "cancelled": (
        ("Cancelled", "This ticket was cancelled."),
        ("Storniert", "Dieses Ticket wurde storniert."),
        ("Annulé", "Ce billet a été annulé."),
        ("Anulada", "Esta entrada fue anulada."),
        ("Annullato", "Questo biglietto è stato annullato."),
        ("Anulado", "Este bilhete foi anulado."),
    ),
    "blocked": (
        ("Blocked", "The organiser has blocked this ticket. Please ask the organiser."),
        ("Gesperrt", "Der Veranstalter hat dieses Ticket gesperrt. Bitte fragen Sie dort nach."),
        ("Bloqué", "L'organisateur a bloqué ce billet. Veuillez vous adresser à lui."),
        ("Bloqueada", "El organizador bloqueó esta entrada. Consulte con él, por favor."),
        ("Bloccato", "L'organizzatore ha bloccato questo biglietto. Si rivolga a lui, per favore."),
        ("Bloqueado", "O organizador bloqueou este bilhete. Fale com ele, por favor."),
    ),
    "revoked": (
        ("Replaced", "A newer ticket took its place. Please show that one."),
        ("Ersetzt", "Ein neueres Ticket gilt an seiner Stelle. Bitte zeigen Sie dieses."),
        ("Remplacé", "Un billet plus récent le remplace. Veuillez montrer celui-là."),
        ("Sustituida", "Una entrada más reciente la sustituye. Muestre esa, por favor."),
        ("Sostituito", "Al suo posto vale un biglietto più recente. Mostri quello, per favore."),
        ("Substituído", "Um bilhete mais recente tomou o seu lugar. Mostre esse, por favor."),
    ),
    "unpaid": (
        ("Not paid", "This ticket is not paid yet. You can pay at the till."),
        ("Nicht bezahlt", "Dieses Ticket ist noch nicht bezahlt. Sie können an der Kasse zahlen."),
        ("Non payé", "Ce billet n'est pas encore payé. Vous pouvez payer à la caisse."),
        ("Sin pagar", "Esta entrada aún no está pagada. Puede pagar en la caja."),
        ("Non pagato", "Questo biglietto non è ancora pagato. Può pagare alla cassa."),
        ("Não pago", "Este bilhete ainda não está pago. Pode pagar na caixa."),
    ),
    "unpaid_price": (
        ("Not paid", "{price} is to be paid. You can pay at the till."),
        ("Nicht bezahlt", "{price} sind noch zu zahlen. Sie können an der Kasse zahlen."),
        ("Non payé", "Il reste {price} à payer. Vous pouvez payer à la caisse."),
        ("Sin pagar", "Falta pagar {price}. Puede pagar en la caja."),
        ("Non pagato", "Restano da pagare {price}. Può pagare alla cassa."),
        ("Não pago", "Falta pagar {price}. Pode pagar na caixa."),
    ),
    "not_yet_valid": (
        ("Too early", "This ticket is valid from {valid_from}."),
        ("Zu früh", "Dieses Ticket gilt ab {valid_from}."),
        ("Trop tôt", "Ce billet est valable à partir de {valid_from}."),
        ("Demasiado pronto", "Esta entrada es válida a partir de {valid_from}."),
        ("Troppo presto", "Questo biglietto è valido a partire da: {valid_from}."),
        ("Demasiado cedo", "Este bilhete é válido a partir de: {valid_from}."),
    ),
    "expired": (
        ("Expired", "This ticket was valid until {valid_until}."),
        ("Abgelaufen", "Dieses Ticket galt bis {valid_until}."),
        ("Expiré", "Ce billet était valable jusqu'à {valid_until}."),
        ("Caducada", "Esta entrada era válida hasta {valid_until}."),
        ("Scaduto", "Questo biglietto era valido fino a {valid_until}."),
        ("Expirado", "Este bilhete era válido até {valid_until}."),
    ),
    "wrong_event": (
        ("Other event", "This ticket is for another event."),
        ("Andere Veranstaltung", "Dieses Ticket gilt für eine andere Veranstaltung."),
        ("Autre événement", "Ce billet est pour un autre événement."),
        ("Otro evento", "Esta entrada es para otro evento."),
        ("Altro evento", "Questo biglietto è per un altro evento."),
        ("Outro evento", "Este bilhete é para outro evento."),
    ),
    "wrong_product": (
        ("Not for this door", "Your ticket ({type}) is not valid at this door."),
        ("Nicht für diese Tür", "Ihr Ticket ({type}) gilt nicht an dieser Tür."),
        ("Pas à cette porte", "Votre billet ({type}) n'est pas valable à cette porte."),
        ("No es esta puerta", "Su entrada ({type}) no es válida en esta puerta."),
        ("Non per questo ingresso", "Il suo biglietto ({type}) non è valido a questo ingresso."),
        ("Não é esta entrada", "O seu bilhete ({type}) não é válido nesta entrada."),
    ),
    "already_used": (
        ("Already used", "This ticket was used already, first at {first_used}."),
        ("Schon benutzt", "Dieses Ticket wurde schon benutzt, zuerst um {first_used}."),
        ("Déjà utilisé", "Ce billet a déjà été utilisé, la première fois à {first_used}."),
        ("Ya utilizada", "Esta entrada ya se utilizó, la primera vez a las {first_used}."),
        ("Già usato", "Questo biglietto è già stato usato, la prima volta: {first_used}."),
        ("Já utilizado", "Este bilhete já foi utilizado, a primeira vez: {first_used}."),
    ),
    "full": (
        ("Full", "{inside} people are inside, {capacity} may be. Please wait until somebody leaves."),
        ("Voll", "{inside} Personen sind drin, {capacity} dürfen es sein. Bitte warten Sie, bis jemand geht."),
        ("Complet", "{inside} personnes sont à l'intérieur, {capacity} au plus. Veuillez attendre une sortie."),
        ("Completo", "Hay {inside} personas dentro, {capacity} como máximo. Espere a que alguien salga."),
        ("Completo", "Ci sono {inside} persone dentro, al massimo {capacity}. Attenda che qualcuno esca."),
        ("Lotado", "Estão {inside} pessoas lá dentro, no máximo {capacity}. Aguarde que alguém saia."),
    ),
}


def language_of(text: str) -> str:
    """Return the language that a list names (`de`, `de-AT`, `de-informal`); empty if it is none that we speak."""
    found = _TAG.fullmatch(text.strip().lower())
    return found[1] if found and found[1] in LANGUAGES else ""


def guest_line(case: Case, verdict: Verdict) -> GuestLine | None:
    """Say a verdict in the ticket's language; None if that is not known, or there is nothing to tell a guest."""
    language = case.ticket.language
    if language not in LANGUAGES or verdict.verdict is Decision.INFO:
        return None
    admitted = "exit" if verdict.direction is Direction.EXIT else "admit"
    key = admitted if verdict.verdict is Decision.ADMIT else verdict.reason
    price = _price(case)
    if key == "unpaid" and price:
        key = "unpaid_price"
    title, message = TEXTS[key][LANGUAGES.index(language)]
    return GuestLine(language, title, message.format(price=price, **_parameters(case)))


def screen_line(verdict: Verdict, language: str) -> GuestLine | None:
    """Say a verdict on a ticket in the language of a screen, as far as the verdict itself knows; else None."""
    if language not in LANGUAGES or verdict.verdict is Decision.INFO:
        return None
    admitted = "exit" if verdict.direction is Direction.EXIT else "admit"
    texts = TEXTS.get(admitted if verdict.verdict is Decision.ADMIT else verdict.reason)
    if texts is None:
        return None
    title, message = texts[LANGUAGES.index(language)]
    known = {"type": verdict.ticket_type, "inside": verdict.inside, "capacity": verdict.capacity}
    is_whole = all(known.get(name) for name in _PLACE.findall(message))
    return GuestLine(language, title, message.format(**known) if is_whole else "")


def _parameters(case: Case) -> dict[str, object]:
    ticket, gate = case.ticket, case.gate
    return {
        "type": case.name,
        "valid_from": _when(case, ticket.valid_from or case.type.valid_from),
        "valid_until": _when(case, ticket.valid_until or case.type.valid_until),
        "first_used": _when(case, ticket.first_used_at),
        "inside": gate.inside,
        "capacity": gate.capacity,
    }


def _price(case: Case) -> str:
    amount_minor = case.due_minor
    return Currency(case.gate.currency).text(amount_minor) if amount_minor and case.gate.currency else ""


def _when(case: Case, at: str | None) -> str:
    """Write an instant so that every language reads it: the hour, and its ISO 8601 date unless that is today."""
    if at is None:
        return "–"
    return case.on_the_wall(at).strftime("%H:%M" if case.is_today(at) else "%Y-%m-%d %H:%M")
