package policy

import "github.com/bellkeep/bellkeep/internal/school/policy"

// helpSigns say where help is, how a concern is reported, and that use is monitored.
// Bodies and numbers are those of the United Kingdom; somebody looks them over when
// the policy is reviewed.
func helpSigns(r policy.Rules) []Sign {
	return []Sign{
		{"Where to get help", "Pupils, parents and staff", []string{
			"Something online worries you? Tell an adult you trust: a teacher, the safeguarding lead, a parent or carer.",
			"Childline, for anybody under 19: 0800 1111 or childline.org.uk.",
			"Somebody online makes you uncomfortable, or asks for pictures: tell us, and CEOP at ceop.police.uk.",
			"A nude picture of you is online: Report Remove has it taken down, childline.org.uk/remove.",
			"Hate online: tell us, and report it at report-it.org.uk.",
			"Parents and carers: the NSPCC, 0808 800 5000.",
			"Somebody is in danger now: 999.",
		}},
		{"Reporting a concern", "Staff", []string{
			"An unsuitable site: " + r.FilterBreach + ". Write it into the register Filter breaches; the safeguarding lead is told at once.",
			"Any concern about a pupil, online or not, hate and bullying too: tell " + lead(r) + " the same day, at once if somebody may come to harm.",
			"A picture of a pupil that may be indecent: look at nothing, copy nothing, delete nothing. Take the device as it is, and tell " + lead(r) + " at once.",
			"Something that may be a crime: the police, 101, or 999 in an emergency. Addresses of indecent images of children go to the Internet Watch Foundation, report.iwf.org.uk, from the safeguarding lead.",
			"A concern about a member of staff: the headteacher. About the headteacher: the chair of governors.",
			"Advice for staff: the Professionals Online Safety Helpline, 0344 381 4772.",
			"A complaint: the school’s complaints procedure, which the office gives to anybody. Whistleblowing: the school’s procedure, or the NSPCC’s line for it, 0800 028 0285.",
		}},
		{"The network is monitored", "Everybody who uses it", []string{
			"The school monitors the use of its network and devices, for your safety and theirs.",
			"What is done here can be traced to a person.",
			"Use it for school work, and as the agreement says that you signed.",
			"Monitoring keeps to the law on data protection, privacy and human rights.",
		}},
		{"Using the internet here", "Every room with internet access", []string{
			"Sign in as yourself. Keep your password to yourself.",
			"Use the sites and tools of the lesson. " + social(r),
			"Be kind: write nothing that you would not say to somebody’s face.",
			"Give nobody your name, address, school or picture. Meet nobody whom you know from the internet alone.",
			"If an unsuitable site appears: " + r.FilterBreach + ".",
			"Ask before you copy, print or install anything.",
		}},
	}
}

// lead is who is told of a concern about a pupil.
func lead(r policy.Rules) string {
	if r.Roles.DSL == policy.IsHead {
		return "the headteacher, who is the safeguarding lead,"
	}
	return "the safeguarding lead"
}

func social(r policy.Rules) string {
	if r.SocialMedia == policy.SocialNever {
		return "No social media on the school’s devices."
	}
	return "Social media only where a lesson needs it."
}
