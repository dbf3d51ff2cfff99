package desk

// Words are a kind of device as people choose it and read it.
func (w What) Words() string { return whatWords[w] }

var whatWords = map[What]string{
	Phone: "Phone", Watch: "Smart watch", Earbuds: "Earbuds or headphones", SecondPhone: "Second phone", Tracker: "Tracker", OtherDevice: "Another device",
}

// Words are a place as people choose it and read it.
func (z Zone) Words() string { return zoneWords[z] }

var zoneWords = map[Zone]string{
	Classroom: "Classroom", Corridor: "Corridor", Hall: "Hall", Canteen: "Canteen", Outside: "Outside", ExamRoom: "Exam room", OffSite: "Off site",
	Elsewhere: "Elsewhere", Toilets: "Toilets", Changing: "Changing room", Pool: "Swimming pool", Medical: "Medical room",
}
