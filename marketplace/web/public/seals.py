"""The seal for everybody: is it real, what was judged, who carries it, by which criteria."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace.core.errors import NotFound
from marketplace.core.text import clean, whole
from marketplace.geo.coordinates import Coordinate
from marketplace.geo.geocoding.offline import gazetteer
from marketplace.seals import catalogue, process, queries, versions
from marketplace.seals.assessment import Finding
from marketplace.seals.models import ProductGroup
from marketplace.seals.register import Certificate, Standing
from marketplace.web.access import ANYBODY
from marketplace.web.language import language
from marketplace.web.pages import Pages
from marketplace.web.pictures import Picture
from marketplace.web.places import COUNTRIES
from marketplace.web.public import seal_checks
from marketplace.web.public.seal_checks import bp
from marketplace.web.seals import papers, words
from marketplace.web.session import actor, now, reading, today

__all__ = ["bp", "seal_checks"]
SIZE = 20


def searched() -> tuple[catalogue.Filter, str]:
    """Read the search from the address: the filter, and the place as it was typed."""
    place = clean(request.args.get("place", ""))[:100]
    towns = gazetteer().suggest(place, limit=1) if place else []
    group, standing = request.args.get("group", ""), request.args.get("standing", "")
    country = request.args.get("country", "")
    wanted = catalogue.Filter(
        words=clean(request.args.get("q", ""))[:100],
        group=ProductGroup(group) if group in set(ProductGroup) else None,
        country=country if country in COUNTRIES else "",
        standing=Standing(standing) if standing in set(Standing) else None,
        near=Coordinate(towns[0].latitude, towns[0].longitude) if towns else None,
    )
    return wanted, place


@bp.get("/register")
@ANYBODY
def register() -> ResponseReturnValue:
    (wanted, place), page = searched(), Pages.asked()
    with reading() as session:
        rows, total = catalogue.register(session, wanted, today=today(), page=page, size=SIZE)
        return render_template(
            "seals/register.html",
            rows=[(row, row.standing(today())) for row in rows],
            givers=words.givers,
            told=catalogue.told_orders(session, rows),
            wanted=wanted,
            place=place,
            lost=bool(place) and wanted.near is None,
            groups=list(ProductGroup),
            standings=list(Standing),
            badges=words.BADGES,
            pages=Pages(page, total, SIZE),
        )


@bp.get("/<number>")
@ANYBODY
def show(number: str) -> ResponseReturnValue:
    """The page behind the QR code; a number that nobody has says so itself."""
    asked = catalogue.spelled(number)
    if asked and asked != number:
        return redirect(url_for(".show", number=asked))
    with reading() as session:
        try:
            certificate = catalogue.by_number(session, asked)
        except NotFound:
            page = render_template("seals/proof.html", number=asked, certificate=None, now=now())
            return page, 404
        return render_template("seals/proof.html", **_proof(session, certificate))


def _proof(session: Any, certificate: Certificate) -> dict[str, Any]:
    application = certificate.application
    found = words.lines(process.sheet(session, application))
    pictures = [Picture(row.photo) for row in application.pictures]
    figures, told = certificate.figures, catalogue.told_orders(session, [certificate])
    ways = queries.figures(application).ways
    return {
        "certificate": certificate,
        "number": certificate.number,
        "application": application,
        "standing": certificate.standing(today()),
        "badges": words.BADGES,
        "lines": [line for line in found if line.outcome.finding is Finding.HOLDS],
        "social_work": figures["social_work"],
        "reused": figures["reused"],
        "most_km": figures["most_km"],
        "pictures": pictures,
        "givers": words.givers(application.inputs, told, ways),
        "ways": [
            (row, km, words.giver(row, told))
            for row, km in zip(application.inputs, ways, strict=True)
        ],
        "renewed_by": catalogue.renewed_by(session, certificate),
        "renewal_asked": catalogue.renewal_asked(session, certificate),
        "markup": _markup(certificate, pictures),
        "mine": actor().belongs_to(certificate.organisation_id),
        "may_renew": certificate.may_be_renewed(today()),
        "now": now(),
    }


def _markup(certificate: Certificate, pictures: list[Picture]) -> dict[str, Any]:
    """Return the certificate in the vocabulary of schema.org, only as long as it is valid."""
    makers = [{"@type": "Organization", "name": name} for name in certificate.makers]
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": certificate.product,
        "description": certificate.application.description,
        "manufacturer": makers,
        "image": [url_for("media.show", name=p.photo.file("l"), _external=True) for p in pictures],
    }
    if certificate.standing(today()) is Standing.VALID:
        found["hasCertification"] = {
            "@type": "Certification",
            "name": "sozialökologisch produziert",
            "certificationIdentification": certificate.number,
            "certificationStatus": "https://schema.org/CertificationActive",
            "validFrom": certificate.valid_from.isoformat(),
            "expires": certificate.valid_until.isoformat(),
            "url": papers.address(certificate),
        }
    return found


@bp.get("/<number>/product")
@ANYBODY
def product(number: str) -> ResponseReturnValue:
    """The longer story of a sealed product: of what it is, who does what, how it was judged."""
    with reading() as session:
        certificate = catalogue.by_number(session, number)
        return render_template(
            "seals/product.html",
            **_proof(session, certificate),
            sheet=words.lines(process.sheet(session, certificate.application)),
            reasons={j.criterion_id: j.reason for j in catalogue.judged(session, certificate)},
        )


@bp.get("/criteria")
@ANYBODY
def criteria() -> ResponseReturnValue:
    with reading() as session:
        known = versions.history(session)
        asked = whole(request.args.get("version", ""))
        shown = versions.version(session, asked) if asked else None
        return render_template(
            "seals/criteria.html",
            shown=shown or versions.in_force(session, today=today()),
            in_force=versions.in_force(session, today=today()).version,
            history=known,
            threshold=words.threshold,
            language=language(),
        )
