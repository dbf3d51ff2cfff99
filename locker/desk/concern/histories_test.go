package concern

import (
	"slices"
	"testing"

	"github.com/bellkeep/bellkeep/locker/desk"
	"pgregory.net/rapid"
)

// Whatever is done in whatever order: nobody sees a file that is or was about them,
// and a hold of a file ends by two people of whom it is about neither.
func TestHistories(t *testing.T) {
	staff := []string{"head", "dsl", "deputy-dsl", "chair", "teacher", "office", "it"}
	steps := 0
	defer func() { t.Logf("%d steps", steps) }()
	persons := append([]string{"p-1", "p-2"}, staff...)
	rapid.Check(t, func(r *rapid.T) {
		a := newAcademy(t)
		about := map[string][]string{} // the model: whom each file was ever about
		asked := map[string]string{}   // and who asked last for the end of a hold
		pick := func(list []string, what string) string { return rapid.SampledFrom(list).Draw(r, what) }
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			steps++
			who := pick(staff, "who")
			switch rapid.IntRange(0, 3).Draw(r, "does") {
			case 0:
				in := tap(pick(persons, "whose"))
				in.About = rapid.SliceOfNDistinct(rapid.SampledFrom(persons), 0, 2, rapid.ID).Draw(r, "about")
				if f, err := a.Raise(t.Context(), a.by(who), in); err == nil {
					about[f.ID] = append(slices.Clone(in.About), in.Device.Whose)
				}
			case 1:
				if list := a.Files(a.by(who)); len(list) > 0 {
					f, also := rapid.SampledFrom(list).Draw(r, "file"), pick(persons, "also")
					if a.Sort(t.Context(), a.by(who), f.ID, Allegation, NoArea, []string{also}, "") == nil {
						about[f.ID] = append(about[f.ID], also)
					}
				}
			case 2:
				if list := a.Files(a.by(who)); len(list) > 0 { // a device of one file into another
					f, from := rapid.SampledFrom(list).Draw(r, "into"), rapid.SampledFrom(list).Draw(r, "from")
					if len(from.Items) > 0 {
						_ = a.Attach(t.Context(), a.by(who), f.ID, from.Items[0]) // it may be closed
					}
				}
			default:
				bars := a.bars.Standing()
				if len(bars) == 0 {
					continue
				}
				bar := rapid.SampledFrom(bars).Draw(r, "bar")
				of := a.of[bar.On.Item]
				part := slices.ContainsFunc(of, func(f *File) bool { return slices.Contains(about[f.ID], who) })
				ended, err := a.bars.End(t.Context(), a.by(who), bar.ID)
				switch {
				case err != nil:
				case part:
					r.Fatalf("%s had a part in the end of a hold of a file about them", who)
				case ended && (asked[bar.ID] == "" || asked[bar.ID] == who):
					r.Fatalf("%s ended a hold that %q had asked to end", who, asked[bar.ID])
				default:
					asked[bar.ID] = who
				}
			}
			a.mustHide(r, about, persons)
		}
	})
}

// mustHide fails for a file that somebody can see whom it was ever about.
func (a *academy) mustHide(r *rapid.T, about map[string][]string, persons []string) {
	for _, person := range persons {
		hidden := a.Hidden(person)
		for id, list := range about {
			_, err := a.File(a.by(person), id)
			is := slices.Contains(list, person)
			f := a.files[id]
			other := slices.ContainsFunc(a.of[f.Items[0]], func(f *File) bool { return slices.Contains(about[f.ID], person) })
			if is && err == nil || hidden.Item(f.Items[0]) != (is || other) || is && len(a.For(person).left(f)) != 0 {
				r.Fatalf("%s finds %s, which is about %v: %v", person, id, list, err)
			}
		}
	}
}

// left is what a book still has of a file.
func (b *Book) left(f *File) (left []string) {
	for _, w := range b.Waiting() {
		if w.File == f.ID {
			left = append(left, w.File)
		}
	}
	if _, err := b.File(desk.By{}, f.ID); err == nil {
		left = append(left, f.ID)
	}
	return left
}
