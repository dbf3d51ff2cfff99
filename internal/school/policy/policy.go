// Package policy is a school's rules as data: what two schools decide differently
// is a value here, never code. A set of rules has a day from which it is in
// force; changing it is an event on the school's ledger, not an edited file.
//
// A value says what a clause of the school's own policy says. Where a school's
// policy says nothing, its file says so with the product's default.
package policy

// Rules are one school's rules.
type Rules struct {
	DepositPoint DepositPoint `json:"deposit_point" yaml:"deposit_point"`
	OffRule      OffRule      `json:"off_rule" yaml:"off_rule"`
	CollectRule  CollectRule  `json:"collect_rule" yaml:"collect_rule"`
	CallHome     CallHome     `json:"pupil_call_home" yaml:"pupil_call_home"`

	ParentContact Approved   `json:"parent_contact_exceptions" yaml:"parent_contact_exceptions"`
	Curriculum    Curriculum `json:"curriculum_activity" yaml:"curriculum_activity"`

	ReleaseTo ReleaseTo `json:"confiscated_release_to" yaml:"confiscated_release_to"`
	Search    Search    `json:"search" yaml:"search"`

	StaffLessonUse Permission `json:"staff_lesson_use_permission" yaml:"staff_lesson_use_permission"`
	Countersign    bool       `json:"head_own_permission_countersigned" yaml:"head_own_permission_countersigned"`

	PasswordRotation Rotation `json:"password_rotation" yaml:"password_rotation"`
	LeaversPercent   int      `json:"leavers_percent" yaml:"leavers_percent"` // an import that drops more stops
}

// DepositPoint is where pupils hand in.
type DepositPoint string

// The deposit points.
const (
	AtBank   DepositPoint = "bank"          // the pupil, at the lockers
	AtOffice DepositPoint = "office"        // staff take devices in, with a note of their condition
	AtClass  DepositPoint = "class_teacher" // a tray for each class
)

// OffRule is when a phone must be switched off.
type OffRule string

// The rules for switching off.
const (
	OffNotStated OffRule = "not_stated"
	OffOnSite    OffRule = "on_site_entry"
)

// CollectRule is when pupils may collect.
type CollectRule string

// The rules for collecting.
const (
	AfterSchool CollectRule = "after_school"
	EndOfDay    CollectRule = "end_of_school_day"
)

// CallHome is how a pupil reaches a parent during the day.
type CallHome string

// The ways to call home.
const (
	PupilCalls  CallHome = "pupil_uses_office_phone"
	OfficeCalls CallHome = "office_calls_for_pupil"
)

// Approved says who may make an exception, if anybody.
type Approved string

// The approvals.
const (
	HeadCaseByCase Approved = "head_case_by_case"
	Never          Approved = "none"
)

// Curriculum says what use in a lesson needs, if there is any.
type Curriculum string

// The rules for curriculum use.
const (
	StaffAndHead Curriculum = "staff_consent+head_approval"
	NoCurriculum Curriculum = "none"
)

// ReleaseTo says whom a confiscated device goes to.
type ReleaseTo string

// The receivers.
const (
	ToParent ReleaseTo = "parent_or_carer"
	ToPupil  ReleaseTo = "pupil"
)

// Search is who may search a pupil or a device, and with whose consent.
type Search struct {
	By        SearchBy `json:"by" yaml:"by"`
	Consent   Consent  `json:"consent" yaml:"consent"`
	Statutory []string `json:"statutory,omitempty" yaml:"statutory,omitempty"` // persons authorised to search without consent; none by default
}

// SearchBy is who may search.
type SearchBy string

// ByLeadership is a member of the leadership team.
const ByLeadership SearchBy = "leadership"

// Consent is whose consent a search needs.
type Consent string

// PupilOrParent is the consent of either.
const PupilOrParent Consent = "pupil_or_parent"

// Permission is what a member of staff needs to use a phone in a lesson.
type Permission string

// The permissions.
const (
	WrittenByHead Permission = "written_by_head"
	ByHead        Permission = "by_head"
)

// Rotation is whether passwords must be changed from time to time.
type Rotation string

// The rotations.
const (
	NoRotation      Rotation = "none"
	RegularRotation Rotation = "regular" // every 180 days
)

// Default is a school that says nothing.
func Default() Rules {
	return Rules{
		DepositPoint: AtBank, OffRule: OffNotStated, CollectRule: EndOfDay, CallHome: OfficeCalls,
		ParentContact: HeadCaseByCase, Curriculum: NoCurriculum,
		ReleaseTo: ToParent, Search: Search{By: ByLeadership, Consent: PupilOrParent},
		StaffLessonUse: WrittenByHead, Countersign: true, PasswordRotation: NoRotation, LeaversPercent: 5,
	}
}
