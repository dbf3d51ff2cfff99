package policy

import "strconv"

// Keys are all rules of a school, in the order they are shown in.
var Keys = []Key{
	choice(TheDay, "jurisdiction", "Whose law and guidance the school goes by", func(r *Rules) *Jurisdiction { return &r.Jurisdiction },
		"england", "England", "wales", "Wales", "scotland", "Scotland", "northern_ireland", "Northern Ireland"),
	choice(TheDay, "deposit_point", "Where pupils hand in", func(r *Rules) *DepositPoint { return &r.DepositPoint },
		"bank", "At the lockers, by themselves", "office", "At the school office, to staff", "class_teacher", "To the class teacher, in a tray for each class"),
	choice(TheDay, "off_rule", "When a phone must be off", func(r *Rules) *OffRule { return &r.OffRule },
		"on_site_entry", "From entering the site", "not_stated", "The policy does not say"),
	choice(TheDay, "ban_from", "When use ends in the morning", func(r *Rules) *BanFrom { return &r.BanFrom },
		"site_entry", "On entering the site", "morning_hand_in", "At the morning hand-in", "first_session", "When the first session starts"),
	choice(TheDay, "ban_until", "When use is allowed again", func(r *Rules) *BanUntil { return &r.BanUntil },
		"site_exit", "On leaving the site", "last_session", "When the last session ends"),
	choice(TheDay, "collect_rule", "When pupils get their phones back", func(r *Rules) *CollectRule { return &r.CollectRule },
		"after_school", "After school", "end_of_school_day", "At the end of the school day"),
	number(TheDay, "collect_after_minutes", "How long after the calendar’s time they collect", "minutes", 0, 60, func(r *Rules) *int { return &r.CollectAfter }).nought("At the calendar’s time (0)"),
	choice(TheDay, "pupil_call_home", "How a pupil reaches a parent", func(r *Rules) *CallHome { return &r.CallHome },
		"pupil_uses_office_phone", "The pupil calls on the office phone", "office_calls_for_pupil", "The office calls for the pupil"),

	choice(Exceptions, "parent_contact_exceptions", "Exceptions to “parents call the office”", func(r *Rules) *Approved { return &r.ParentContact },
		"none", "None", "head_case_by_case", "The headteacher approves each one"),
	choice(Exceptions, "curriculum_activity", "Phones in a lesson activity", func(r *Rules) *Curriculum { return &r.Curriculum },
		"none", "Never", "staff_consent+head_approval", "The teacher asks and the headteacher approves").guarded(),

	choice(Confiscation, "confiscated_release_to", "Who gets a confiscated device", func(r *Rules) *ReleaseTo { return &r.ReleaseTo },
		"parent_or_carer", "A listed parent or carer", "pupil", "The pupil").guarded(),
	choice(Confiscation, "search.by", "Who may search", func(r *Rules) *SearchBy { return &r.Search.By },
		"head", "The headteacher", "leadership", "A member of the leadership team").guarded(),
	choice(Confiscation, "search.consent", "Whose consent a search needs", func(r *Rules) *Consent { return &r.Search.Consent },
		"parent", "A parent’s or carer’s", "pupil_or_parent", "The pupil’s or a parent’s").guarded(),
	list(Confiscation, "search.statutory", "Who may search without consent, by law", "Nobody: a search needs consent",
		func(r *Rules) *[]string { return &r.Search.Statutory }, checkPerson, "s-1", "s-1\ns-2").guarded(),
	choice(Confiscation, "hold_end_approvers.first", "First of the two who end a hold", func(r *Rules) *Approver { return &r.HoldEnd.First },
		"head", "The headteacher", "dsl", "The safeguarding lead").guarded(),
	choice(Confiscation, "hold_end_approvers.second", "Second of the two who end a hold", func(r *Rules) *Approver { return &r.HoldEnd.Second },
		"dsl", "The safeguarding lead", "deputy_dsl", "The deputy safeguarding lead", "chair_of_governors", "The chair of governors",
		"deputy_dsl|chair_of_governors", "The deputy safeguarding lead or the chair of governors").guarded(),
	choice(Confiscation, "seizure_advice", "A device that may be evidence", func(r *Rules) *Seizure { return &r.Seizure },
		"ask_police", "Leave it as it is and ask the police", "switch_off", "Switch it off", "keep_powered", "Keep it powered, away from networks"),

	choice(Adults, "staff_lesson_use_permission", "Staff phones in lessons", func(r *Rules) *Permission { return &r.StaffLessonUse },
		"written_by_head", "With the headteacher’s written permission", "by_head", "With the headteacher’s permission"),
	yesNo(Adults, "head_own_permission_countersigned", "The headteacher’s own permission", func(r *Rules) *bool { return &r.Countersign },
		"Is countersigned by somebody else", "Needs nobody else").guarded(),
	choice(Adults, "staff_relationship_ack", "Who must know of staff’s existing ties to pupils or parents", func(r *Rules) *Acknowledgement { return &r.Relationship },
		"dsl_and_head", "The safeguarding lead and the headteacher", "dsl_or_head", "The safeguarding lead or the headteacher"),
	choice(Adults, "visitor_signage", "Signs for visitors", func(r *Rules) *Stated { return &r.VisitorSignage },
		"required", "Are put up", "not_stated", "The policy does not ask for any"),

	choice(Devices, "social_media_school_devices", "Social media on school devices", func(r *Rules) *SocialMedia { return &r.SocialMedia },
		"never", "Never", "controlled", "Only as the school allows").guarded(),
	choice(Devices, "filter_change_consent", "Who agrees to a change of filtering, besides the two who weigh its risk", func(r *Rules) *Agreement { return &r.FilterConsent },
		"leadership", "A member of the leadership team", "none", "Nobody else").guarded(),
	choice(Devices, "pupil_own_password_from", "Pupils have their own password from", func(r *Rules) *YearGroup { return &r.PupilPassword }, years()...),
	choice(Devices, "password_rotation", "Changing passwords", func(r *Rules) *Rotation { return &r.PasswordRotation },
		"regular", "Every 180 days", "none", "Only when there is a reason"),
	choice(Devices, "leavers_disable_clause", "Leavers’ accounts", func(r *Rules) *Stated { return &r.LeaversDisable },
		"required", "End with the roll: the policy asks for it", "not_stated", "End with the roll: Bellkeep always does it, the policy does not ask"),
	number(Devices, "leavers_percent", "An import stops when more would leave", "per cent of the pupils", 1, 50, func(r *Rules) *int { return &r.LeaversPercent }).guarded(),
	choice(Devices, "progress_apps_school_device_only", "Apps with pupils’ progress or photos", func(r *Rules) *Stated { return &r.ProgressApps },
		"required", "On school devices only", "not_stated", "The policy does not say"),

	choice(Safeguarding, "roles.dsl", "The safeguarding lead", func(r *Rules) *Holder { return &r.Roles.DSL },
		"own_person", "Is a person of their own", "head", "Is the headteacher").guarded(),
	choice(Safeguarding, "roles.online_safety_lead", "The online safety lead", func(r *Rules) *Holder { return &r.Roles.SafetyLead },
		"own_person", "Is a person of their own", "dsl", "Is the safeguarding lead", "head", "Is the headteacher"),
	several(Safeguarding, "notify.policy_breach", "Who hears of a breach of the phone rules", func(r *Rules) *[]Hears { return &r.Notify.Breach }),
	several(Safeguarding, "notify.online_concern", "Who hears of an online concern", func(r *Rules) *[]Hears { return &r.Notify.Concern }).guarded(),
	several(Safeguarding, "notify.safeguarding", "Who hears of a safeguarding concern", func(r *Rules) *[]Hears { return &r.Notify.Safeguarding }).guarded(),
	several(Safeguarding, "notify.illegal_content", "Who hears of content that may be illegal", func(r *Rules) *[]Hears { return &r.Notify.Illegal }).guarded(),
	several(Safeguarding, "notify.staff_allegation", "Who hears of an allegation about staff", func(r *Rules) *[]Hears { return &r.Notify.Staff }).guarded(),
	several(Safeguarding, "notify.visitor_breach", "Who hears of a visitor’s breach", func(r *Rules) *[]Hears { return &r.Notify.Visitor }).guarded(),
	choice(Safeguarding, "vulnerable_pupil_lead", "Who is consulted about vulnerable pupils", func(r *Rules) *PupilLead { return &r.VulnerableLead },
		"SENCO", "The SENCO", "SENCO / Child in Care Lead", "The SENCO or the Child in Care lead"),
	quote(Safeguarding, "filter_breach_action", "When an unsuitable site appears", func(r *Rules) *string { return &r.FilterBreach }, "click the dolphin", "tell an adult"),
	choice(Safeguarding, "cyberbullying_policy", "Cyberbullying is dealt with under", func(r *Rules) *Bullying { return &r.Cyberbullying },
		"Behaviour", "The behaviour policy", "Anti-bullying", "The anti-bullying policy"),
	choice(Safeguarding, "ceop_button", "The button to report abuse to CEOP", func(r *Rules) *CEOPButton { return &r.CEOPButton },
		"visible", "Is shown at school", "via_website", "Is on the school’s website"),

	list(Governance, "linked_policies", "Policies this one is linked to", "None named", func(r *Rules) *[]string { return &r.LinkedPolicies }, checkQuote, "Behaviour", "Behaviour\nData protection"),
	quote(Governance, "dp_law_text", "Data protection law, as the policy names it", func(r *Rules) *string { return &r.DPLaw }, "DPA 1998", "GDPR"),
	number(Governance, "kcsie_year", "Edition of “Keeping children safe in education”", "", 2014, 2099, func(r *Rules) *int { return &r.GuidanceYear }),
	number(Governance, "review.months", "Reviewed every", "months", 1, 60, func(r *Rules) *int { return &r.Review.Months }),
	month(Governance, "review.next", "Next review", func(r *Rules) *Month { return &r.Review.Next }),
	yesNo(Governance, "review.contradictory", "What the policy says about its review", func(r *Rules) *bool { return &r.Review.Contradictory },
		"Contradicts itself", "Is clear"),
	number(Governance, "dsl_governor_meetings_per_year_min", "Safeguarding lead meets the governor, at least", "times a year", 0, 12, func(r *Rules) *int { return &r.GovernorMeetings }).nought("The policy sets no number (0)"),
	number(Governance, "retention.routine_days", "Hand-ins and collections are kept", "days", 1, 366, func(r *Rules) *int { return &r.Retention.RoutineDays }),
	number(Governance, "retention.exception_years", "Exceptions are kept, after they end", "years", 0, 25, func(r *Rules) *int { return &r.Retention.ExceptionYears }),
	number(Governance, "retention.confiscated_years", "Confiscations are kept, after the school year", "years", 0, 25, func(r *Rules) *int { return &r.Retention.ConfiscatedYears }),
	number(Governance, "retention.hardware_years", "Doors’ and devices’ histories are kept", "years", 0, 25, func(r *Rules) *int { return &r.Retention.HardwareYears }),
	number(Governance, "retention.visitor_years", "Visitors’ records are kept", "years", 0, 25, func(r *Rules) *int { return &r.Retention.VisitorYears }),
}

// hearers are those who can be told, in the order lists of them have.
var hearers = []Option{
	{"head", "the headteacher"}, {"dsl", "the safeguarding lead"}, {"leadership", "the leadership team"},
	{"office", "the office"}, {"parents", "parents (a person decides each time)"}, {"chair_of_governors", "the chair of governors"},
}

// years are the school years with their words.
func years() []string {
	list := []string{"YR", "Reception"}
	for y := 1; y <= 13; y++ {
		n := strconv.Itoa(y)
		list = append(list, "Y"+n, "Year "+n)
	}
	return list
}

// Words is who is told, inside a sentence.
func (h Hears) Words() string { return wordsOf(hearers, string(h)) }
