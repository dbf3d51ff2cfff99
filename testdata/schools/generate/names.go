package generate

import (
	"math/rand/v2"
	"strings"
)

// Given names, with spaces for what is more than one word as "_".
var givenNames = strings.Fields(`
Aaliyah Abdul-Rahman Adanna Aisling Aled Alexandru Amara Ana-Sofía Andrzej Anwen Aoife Arjun Ayşe Bartosz Beatrix Bilal
Björn Blessing Bronagh Bryn Caoimhe Cerys Chidi Chloë Ciarán Clementine D'Andre Dafydd Daria Dawid Delphine Dhruv
Dylan Edward Efua Eilidh Eleri Elif Elżbieta Emeka Emre Esme Ezra Farah Fatima Finlay Florence Freya Gethin Giulia Grace
Gwen Habib Hana Harpreet Hector Hina Ibrahim Idris Ieuan Imogen Ines Isaac Isla Iwan Jamal Jan Jasmine Jean-Luc Joanna
Jude Kacper Kai Kateryna Keira Khadija Kofi Laila Leon Levi Lilja Llŷr Luca Lucía Mabel Maja Małgorzata Manon Mary-Jane Mateo
Maya Megan Mei-Ling Milo Mohammed Nadia Naomi Niamh Nikhil Noor Oisín Olha Oluwaseun Orla Oscar Oyinkansola Owen Paweł Petra
Poppy Priya Quinn Rafał Rania Reuben Rhys Rosa Rowan Róisín Ruby Saeed Saoirse Sean Seren Shanice Siân Siddharth Simran
Sofia Soren Stefan Tadhg Tamar Tariq Tegan Temperance Thea Tiago Tomasz Tristan Umar Uzma Violet Wei Willow Wren Xanthe
Yasmin Yusuf Zachary Zahra Zoë Zofia Zuzanna
Maximiliana_Alexandrina Bartholomew-Fitzgerald Oluwadamilola-Grace`)

var familyNames = strings.Fields(`
Abara Adeyemi-Whitlock Ainscough Akhtar Ashdown Asante Baptiste Barlow Bennion Birchall Błaszczyk Boateng Brightwater Calloway Carnforth
Chaudhry Christodoulou-Papadimitriou Coyle Crabtree Cragg D'Souza Daley Dąbrowska Denham De_la_Cruz Dhillon Draper Dunmore Eastwood Ekwueme Ennis
Eriksson Evesham Fairley Featherstonehaugh Ferreira Fitzwilliam Fothergill Gallimore Garside Ghosh Gill Goldacre Greenhalgh Gwynne Haddad
Hallworth Hargreaves Hashemi Haverstock Hernández Holloway Hussain Inglethorpe Iqbal Ivanenko Jankowska Jarvis Jephcott Kaczmarek Kapoor
Kavanagh Kaya Kelsall Khoury Kowalski Kwarteng Lacey Le_Goff Lindqvist Lister Llewelyn-Pryce Lovelock Łukasik MacAllister Maddox Mahmood
Marchetti Mbeki McKittrick Mehta Merriweather Mistry Moreau Müller Nakamura Ndiaye Netherwood Ng Nightingale Novák Nowak O'Brannagh
O'Sheehan Oakenshaw Obi Okafor Okonkwo-Bright Oyelaran Patel Penhaligon Pereira Pettigrew Postlethwaite Pritchard Quigley Quintero Radcliffe
Rahman Ravenscroft Rees Rosenthal Sadiq Saltmarsh Santos Sedgwick Shah Shevchenko Sidhu Singh-Barrow Stavrou Sutcliffe Szymańska Tallentire
Thackeray Thistlewood Thwaite Tran Tremayne Underhill Vaisey Van_der_Berg Varga Venkataraman-Iyer Wadsworth Walsh Whitlock Wolstenholme
Wójcik Wu Yardley Yeoman Yıldız Zaman Zielińska`)

// name is a given and a family name.
type name struct{ given, family string }

// draw gives n names, no two the same.
func draw(random *rand.Rand, n int) []name {
	seen := map[name]bool{}
	var names []name
	for len(names) < n {
		d := name{pick(random, givenNames), pick(random, familyNames)}
		if !seen[d] {
			seen[d] = true
			names = append(names, d)
		}
	}
	return names
}

func pick(random *rand.Rand, list []string) string {
	return strings.ReplaceAll(list[random.IntN(len(list))], "_", " ")
}
