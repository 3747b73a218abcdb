"""Every problem's sentence, in the language in force: what is wrong with a field, and what to do."""

from collections.abc import Callable

from flask_babel import format_decimal
from flask_babel import gettext as _

from marketplace.core.errors import Problem

PROBLEMS: Callable[[], dict[str, str]] = lambda: {  # noqa: E731
    "required": _("Please fill this in."),
    "too_long": _("At most %(most)s characters, please."),
    "too_big": _("That is more than we can believe. Please check the number."),
    "not_positive": _("A number greater than zero, please."),
    "negative": _("Zero or more, please."),
    "not_a_number": _("Please write a number, for example 180 or 2.5."),
    "not_a_whole_number": _("Please write a whole number, for example 14."),
    "not_a_date": _("Please write a date such as 2027-03-31."),
    "not_a_choice": _("Please choose one of the options."),
    "dates_reversed": _("The end lies before the beginning."),
    "window_past": _("The window has already closed. Please choose a later end."),
    "material_unknown": _("We do not know the material “%(text)s”. Please choose a suggestion."),
    "material_suggested": _("We do not know the material “%(text)s”. Did you mean: %(near)s?"),
    "material_required": _("Please say which material it is."),
    "technique_unknown": _("We do not know the technique “%(text)s”."),
    "technique_suggested": _("We do not know the technique “%(text)s”. Did you mean: %(near)s?"),
    "technique_required": _("Please name at least one technique."),
    "condition_required": _("Please say in which condition it is; workshops ask for it."),
    "quantity_required": _("Please say how much there is; an estimate will do."),
    "waste_code_unknown": _("“%(text)s” is not in the List of Waste. Codes look like 04 02 22."),
    "place_unknown": _("We cannot find “%(text)s”. Please choose a suggestion or set the pin."),
    "place_required": _("Please say where it is."),
    "not_on_earth": _("This point is not on Earth."),
    "photo_not_a_picture": _("This file is not a picture. JPEG, PNG, WebP and HEIC work."),
    "photo_broken": _("This picture is damaged and cannot be read."),
    "photo_too_heavy": _("A photo may have at most %(most)s MB."),
    "photo_too_large": _("A photo may have at most %(most)s megapixels."),
    "photo_too_small": _("This picture is too small to show anything."),
    "too_many_photos": _("At most %(most)s photos, please."),
    "email_not_valid": _("This does not look like an e-mail address."),
    "vat_id_not_valid": _("This is not a valid VAT number. Austrian ones look like ATU12345675."),
    "phone_not_valid": _("This does not look like a telephone number."),
    "website_not_valid": _("Please write a web address such as https://example.org."),
    "password_too_short": _("At least %(least)s characters, please."),
    "password_too_common": _("This password is too easy to guess."),
    "passwords_differ": _("The two passwords are not the same."),
    "password_wrong": _("This is not your password."),
    "last_manager": _("An organisation needs a manager. Please name another one first."),
    "hand_over_first": _(
        "You are the only manager of %(organisation)s. Please name another one first."
    ),
    "person_unknown": _(
        "Nobody has an account with the address “%(text)s”. Please ask the person to register."
    ),
    "already_member": _("This person already belongs to the organisation."),
    "name_taken": _("This name is already in use here."),
    "materials_or_techniques_required": _("Please choose at least one material or technique."),
    "area_not_geojson": _("This is not an area that we can read."),
    "area_empty": _("The area is empty. Please draw at least three points."),
    "area_self_crossing": _("The border of the area crosses itself. Please move the points."),
    "area_too_large": _("The area is too large. At most 500,000 km², please."),
    "area_too_many_points": _("The area has too many points. At most 2,000, please."),
    "area_outside_world": _("The area has points that are not on Earth."),
    "radius_required": _("Please say how far you go, or draw an area."),
    "radius_too_large": _("At most %(most)s km, please."),
    "price_required": _("Please state a price, or say that it is free of charge."),
    "price_and_free": _("Either a price or free of charge, not both."),
    "reason_required": _("Please give a reason."),
    "free_of_charge_required": _("Please confirm that it is free of charge."),
    "row_unknown_organisation": _("There is no organisation “%(text)s”."),
    "not_one_of": _("Please write one of these: %(choices)s."),
    "not_yes_or_no": _("Please write yes or no."),
    "not_a_country": _("Please write the country with its two letters, such as AT or HU."),
    "number_ambiguous": _("“%(text)s” reads two ways. Please write 1500 or 1.5, for example."),
    "market_tier_not_for_them": _("Only social enterprises belong to a labour market tier."),
    "one_material": _("Please name one material only."),
    "row_place_unknown": _(
        "We cannot find “%(text)s”. Please correct the address or fill in lat and lon."
    ),
    "row_ref_twice": _("The reference “%(text)s” stands in line %(line)s already."),
    "row_too_long": _("This row has more cells than the header has columns."),
    "row_wrong_state": _("This can no longer be changed in the state it is in."),
    "column_missing": _("The column “%(text)s” is missing."),
    "column_twice": _("The column “%(text)s” stands twice."),
    "file_empty": _("The file is empty."),
    "file_not_utf8": _("The file is not in UTF-8. Please save it as “CSV UTF-8”."),
    "file_not_csv": _("We cannot read line %(line)s as CSV. A quotation mark may be missing."),
    "file_not_xlsx": _("We cannot read this workbook. Please save it as XLSX or CSV."),
    "photo_not_fetched": _(
        "The photo “%(text)s” was not fetched. Only files beside the table are."
    ),
    "photo_file_missing": _("There is no photo “%(text)s” beside the table."),
    "photo_not_stored": _("Photos cannot be stored here."),
    "not_on_a_map": _("These do not lie anywhere. Please choose CSV, JSON or XLSX."),
    "email_taken": _("Somebody has signed up with this address already."),
    "sign_in_wrong": _("E-mail and password do not match."),
    "weights_all_zero": _("At least one weight must be greater than zero."),
    "weights_unchanged": _("These weights are in force already."),
    "consent_required": _("Please agree, so that we may write to you about it."),
    "service_point_required": _("Please choose the service point that is near you."),
    "settle_required": _("Something is still open. Please say that it may be settled."),
    "referral_waits": _(
        "The case is offered to another service point. Please wait or withdraw it."
    ),
    "attempt_exists": _("The case already follows this."),
    "organisation_unknown": _("Please choose one of the organisations."),
    "party_already": _("This organisation already takes part."),
    "days_of_silence": _("Between 1 and %(most)s days, please."),
    "minutes_of_a_day": _("Between 5 minutes and 24 hours, please."),
    "not_a_time": _("Please write a time such as 14:30."),
    "file_required": _("Please choose a file."),
    "file_not_taken": _("Only pictures and PDF files are taken here."),
    "pdf_active": _(
        "This PDF carries scripts, programs or other files, or is locked. Please print it to a new PDF."
    ),
    "too_many_searches": _("At most %(most)s saved searches, please."),
    "not_part_any_more": _("You do not take part in this conversation any more."),
    "not_a_percentage": _("A percentage between 0 and 100, please."),
    "two_parties": _("Whoever gives it and whoever takes it must be two."),
    "party_unknown": _("Please choose one of the parties."),
    "both_sides_required": _("An order needs a client and a social enterprise."),
    "party_twice": _("An organisation takes part only once."),
    "parties_fixed": _("While an order runs, who takes part stays as it is."),
    "one_seller": _("Only one of the parties sells the product."),
    "line_required": _("Please write at least one line."),
    "line_in_use": _("A line of which something was delivered or called off has to stay."),
    "too_many_lines": _("At most %(most)s lines, please."),
    "rhythm_required": _("Please say in which rhythm a standing order goes on."),
    "in_the_future": _("This day has not come yet."),
    "line_unknown": _("Please choose one of the lines."),
    "more_than_frame": _("More than the frame holds: %(left)s are left."),
    "outside_frame": _("Please choose a day between today and the end of the order."),
    "passed_on_where": _("Please choose to which order it was passed on, or another path."),
    "more_than_came": _("More than came here: %(left)s kg are left."),
    "more_than_arrives": _("More than goes into that order from there: %(left)s kg are left."),
    "goes_in_circles": _("That order feeds this one. Kilograms do not go in circles."),
    "range_misses_value": _("The value lies outside its range."),
    "not_a_year": _("Please write a year such as 2025."),
    "themes_required": _("Please choose at least one topic."),
    "already_in": _("This organisation is in already."),
    "places_open": _("Somebody has not answered yet. Please wait for them."),
    "coordinator_alone": _("A consortium needs at least two organisations."),
    "period_too_long": _("At most one year at a time, please."),
    "more_than_people": _("More than there are people."),
    "file_too_heavy": _("A file may have at most %(most)s MB."),
    "too_many_files": _("At most %(most)s files, please."),
    "legal_hazard_permit": _(
        "Hazardous waste needs a taker that may accept it: choose another workshop, or have it state "
        "its permit."
    ),
    "legal_waste_permit": _(
        "Waste needs a taker with a permit: the workshop states it in its capability, or attach it here."
    ),
    "legal_assessment": _(
        "This code is one of a pair, and the waste itself decides which one applies: attach the "
        "assessment, such as an analysis or the giver's declaration."
    ),
    "seal_people_required": _("Please say how many people each maker employs."),
    "seal_inputs_required": _("Please list at least one material."),
    "seal_steps_required": _("Please list at least one step of making it."),
    "seal_own_organisation": _(
        "This person belongs to the applicant or to a maker. Please appoint somebody else."
    ),
    "seal_second_part": _("This person has, or had, another part in this application."),
    "seal_panel_full": _("At most %(most)s panel members, please."),
    "seal_voted": _("This person has voted already and stays on the panel."),
    "seal_part_open": _(
        "Somebody is still to be appointed: adviser and assessor to begin, panel and "
        "decider to decide."
    ),
    "seal_panel_dependent": _(
        "The panel needs an independent member: neither of the agency nor a broker."
    ),
    "word_known": _("“%(text)s” is understood so already."),
    "word_means_other": _("“%(text)s” already means: %(name)s."),
    "word_without_letters": _("A word needs at least one letter or digit."),
    "word_added_meanwhile": _("Somebody has just added this word."),
    "material_retired": _(
        "The material “%(text)s” is not offered any more. Please choose another one."
    ),
    "technique_retired": _(
        "The technique “%(text)s” is not offered any more. Please choose another one."
    ),
    "not_a_share": _("A number between 0 and 1, please."),
    "too_many_words": _("At most %(most)s words, please."),
    "code_impossible": _("The code is made from this name: it needs letters from a to z."),
    "code_taken": _("There is a node with the code %(text)s already."),
    "node_unchanged": _("This changes nothing."),
    "node_retired_above": _("The node above is retired. Nothing below it can be offered."),
    "node_retired_already": _("This node is retired already."),
    "node_in_use": _("This node is not retired."),
    "nodes_below_in_use": _("Below it there are nodes in use. Please retire those first."),
    "successor_unknown": _("“%(text)s” is no other node in use. Please write a name or a code."),
    "draft_open": _("There is a draft already. Please put it into force or drop it first."),
    "edition_in_force": _("This edition is in force already."),
    "edition_unchanged": _("This would change nothing."),
    "change_needed": _("Other changes of the draft need this one. Please take those back first."),
    "seal_points": _("Between 0 and %(most)s points, please."),
    "seal_unjudged": _("Still open: %(codes)s."),
    "seal_years": _("Between 1 and 20 years, please."),
    "seal_not_yours": _("This is not a certificate of yours."),
    "not_verified_yet": _("Your service point has not confirmed your organisation yet."),
    "seal_renewal_begun": _("There is an application to renew this certificate already."),
    "seal_not_due": _("A renewal is asked for in the half year before the certificate ends."),
    "seal_appeal_late": _("The time to appeal has passed."),
    "day_past": _("Please choose a day from today on."),
    "unjudged": _("A criterion is still open."),
    "must_fails": _("A criterion that must hold does not."),
    "points_missing": _("It has fewer points than are needed."),
    "quorum_missing": _("Not enough of the panel has voted."),
    "independent_missing": _("No independent member of the panel has voted."),
    "panel_against": _("The panel has not said yes by majority."),
    "hazard_not_permitted": _("Hazardous material goes only to those permitted to take it."),
}


def sentence(problem: Problem) -> str:
    """Return the problem as a sentence that says what to do."""
    text = PROBLEMS()[problem.code]
    params = {
        name: format_decimal(value) if isinstance(value, int) else value
        for name, value in problem.params.items()
    }
    return text % params if params else text
