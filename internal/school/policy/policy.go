// Package policy is a school's rules as data: what two schools decide differently
// is a value here, never code. A set of rules has a day from which it is in
// force; changing it is an event on the school's ledger, not an edited file.
//
// A value says what a clause of the school's own policy says. Where a school's
// policy says nothing, its file says so with the product's default.
//
// Keys lists every rule once, with the words for each value. Files, pages,
// comparisons and the tests that flip each rule all go by that list.
//
// Nothing here is a secret or about a pupil: rules stand on the ledger as they
// are. A quotation is of the school's published policy and names nobody.
package policy

// Rules are one school's rules. Times of day, waves and terms belong to the
// calendar, which is data of its own.
type Rules struct {
	Jurisdiction Jurisdiction `json:"jurisdiction" yaml:"jurisdiction"`

	DepositPoint DepositPoint `json:"deposit_point" yaml:"deposit_point"`
	OffRule      OffRule      `json:"off_rule" yaml:"off_rule"`
	BanFrom      BanFrom      `json:"ban_from" yaml:"ban_from"`
	BanUntil     BanUntil     `json:"ban_until" yaml:"ban_until"`
	CollectRule  CollectRule  `json:"collect_rule" yaml:"collect_rule"`
	CollectAfter int          `json:"collect_after_minutes" yaml:"collect_after_minutes"` // added to the calendar's time
	CallHome     CallHome     `json:"pupil_call_home" yaml:"pupil_call_home"`

	ParentContact Approved   `json:"parent_contact_exceptions" yaml:"parent_contact_exceptions"`
	Curriculum    Curriculum `json:"curriculum_activity" yaml:"curriculum_activity"`

	ReleaseTo ReleaseTo `json:"confiscated_release_to" yaml:"confiscated_release_to"`
	Search    Search    `json:"search" yaml:"search"`
	HoldEnd   HoldEnd   `json:"hold_end_approvers" yaml:"hold_end_approvers"`
	Seizure   Seizure   `json:"seizure_advice" yaml:"seizure_advice"`

	StaffLessonUse Permission      `json:"staff_lesson_use_permission" yaml:"staff_lesson_use_permission"`
	Countersign    bool            `json:"head_own_permission_countersigned" yaml:"head_own_permission_countersigned"`
	Relationship   Acknowledgement `json:"staff_relationship_ack" yaml:"staff_relationship_ack"`
	VisitorSignage Stated          `json:"visitor_signage" yaml:"visitor_signage"`

	SocialMedia      SocialMedia `json:"social_media_school_devices" yaml:"social_media_school_devices"`
	PupilPassword    YearGroup   `json:"pupil_own_password_from" yaml:"pupil_own_password_from"`
	PasswordRotation Rotation    `json:"password_rotation" yaml:"password_rotation"`
	LeaversDisable   Stated      `json:"leavers_disable_clause" yaml:"leavers_disable_clause"` // done whatever it says
	LeaversPercent   int         `json:"leavers_percent" yaml:"leavers_percent"`               // an import that drops more stops
	ProgressApps     Stated      `json:"progress_apps_school_device_only" yaml:"progress_apps_school_device_only"`
	FilterConsent    Agreement   `json:"filter_change_consent" yaml:"filter_change_consent"`

	Roles            Holders    `json:"roles" yaml:"roles"`
	Notify           Notify     `json:"notify" yaml:"notify"`
	VulnerableLead   PupilLead  `json:"vulnerable_pupil_lead" yaml:"vulnerable_pupil_lead"`
	FilterBreach     string     `json:"filter_breach_action" yaml:"filter_breach_action"` // as the school wrote it
	Cyberbullying    Bullying   `json:"cyberbullying_policy" yaml:"cyberbullying_policy"`
	CEOPButton       CEOPButton `json:"ceop_button" yaml:"ceop_button"`
	LinkedPolicies   []string   `json:"linked_policies" yaml:"linked_policies"`
	DPLaw            string     `json:"dp_law_text" yaml:"dp_law_text"` // as the school wrote it
	GuidanceYear     int        `json:"kcsie_year" yaml:"kcsie_year"`   // the autumn whose edition is linked
	Review           Review     `json:"review" yaml:"review"`
	GovernorMeetings int        `json:"dsl_governor_meetings_per_year_min" yaml:"dsl_governor_meetings_per_year_min"` // 0: the policy sets no number
	Retention        Retention  `json:"retention" yaml:"retention"`
}

// Search is who may search a pupil or a device, and with whose consent.
type Search struct {
	By        SearchBy `json:"by" yaml:"by"`
	Consent   Consent  `json:"consent" yaml:"consent"`
	Statutory []string `json:"statutory,omitempty" yaml:"statutory,omitempty"` // ids of persons authorised to search without consent; none by default
}

// HoldEnd is who ends a hold together: always two different people.
type HoldEnd struct {
	First  Approver `json:"first" yaml:"first"`
	Second Approver `json:"second" yaml:"second"`
}

// Holders say who holds the posts that matter to a two-person rule.
type Holders struct {
	DSL        Holder `json:"dsl" yaml:"dsl"`
	SafetyLead Holder `json:"online_safety_lead" yaml:"online_safety_lead"`
}

// Notify is who hears of what.
type Notify struct {
	Breach       []Hears `json:"policy_breach" yaml:"policy_breach"`
	Concern      []Hears `json:"online_concern" yaml:"online_concern"`
	Safeguarding []Hears `json:"safeguarding" yaml:"safeguarding"`
	Illegal      []Hears `json:"illegal_content" yaml:"illegal_content"`
	Staff        []Hears `json:"staff_allegation" yaml:"staff_allegation"` // never whoever it is about
	Visitor      []Hears `json:"visitor_breach" yaml:"visitor_breach"`
}

// Review is when the policy is looked at again.
type Review struct {
	Months        int   `json:"months" yaml:"months"`
	Next          Month `json:"next" yaml:"next"`
	Contradictory bool  `json:"contradictory" yaml:"contradictory"` // the policy gives more than one interval
}

// Retention is how long records of each kind are kept. A hold goes before it.
type Retention struct {
	RoutineDays      int `json:"routine_days" yaml:"routine_days"`           // deposits and collections
	ExceptionYears   int `json:"exception_years" yaml:"exception_years"`     // after an exception's end
	ConfiscatedYears int `json:"confiscated_years" yaml:"confiscated_years"` // after the school year
	HardwareYears    int `json:"hardware_years" yaml:"hardware_years"`       // doors and devices
	VisitorYears     int `json:"visitor_years" yaml:"visitor_years"`
}

// Default is a school that says nothing.
func Default() Rules {
	return Rules{
		Jurisdiction: England, DepositPoint: AtBank, OffRule: OffNotStated, BanFrom: BanFromSite, BanUntil: BanUntilSession,
		CollectRule: EndOfDay, CallHome: OfficeCalls,
		ParentContact: HeadCaseByCase, Curriculum: NoCurriculum,
		ReleaseTo: ToParent, Search: Search{By: ByLeadership, Consent: PupilOrParent},
		HoldEnd: HoldEnd{ApproverHead, ApproverDSL}, Seizure: AskPolice,
		StaffLessonUse: WrittenByHead, Countersign: true, Relationship: DSLAndHead, VisitorSignage: NotStated,
		SocialMedia: SocialControlled, PupilPassword: "Y1", PasswordRotation: NoRotation,
		LeaversDisable: NotStated, LeaversPercent: 5, ProgressApps: NotStated, FilterConsent: LeadershipAgrees,
		Roles: Holders{OwnPerson, OwnPerson},
		Notify: Notify{Breach: []Hears{HearsOffice}, Concern: []Hears{HearsDSL}, Safeguarding: []Hears{HearsDSL},
			Illegal: []Hears{HearsHead, HearsDSL}, Staff: []Hears{HearsHead}, Visitor: []Hears{HearsDSL}},
		VulnerableLead: SENCO, FilterBreach: "turn off the screen, tell a member of staff", Cyberbullying: InBehaviour, CEOPButton: CEOPVisible,
		LinkedPolicies: []string{"Behaviour", "Child protection"},
		DPLaw:          "UK GDPR and the Data Protection Act 2018", GuidanceYear: 2026,
		Review:    Review{Months: 12, Next: Month{2027, 9}},
		Retention: Retention{RoutineDays: 90, ExceptionYears: 1, ConfiscatedYears: 1, HardwareYears: 1, VisitorYears: 6},
	}
}
