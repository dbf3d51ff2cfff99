package office

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/bellkeep/bellkeep/internal/attendance"
)

// upload sends a file the way a browser does.
func (v *visitor) upload(text string, pasted string) (*http.Response, string) {
	v.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("day", "2026-11-23")
	_ = w.WriteField("pasted", pasted)
	part, err := w.CreateFormFile("file", `marks"><script>.csv`)
	if err == nil {
		_, err = part.Write([]byte(text))
	}
	if err != nil || w.Close() != nil {
		v.t.Fatal(err)
	}
	r, err := v.Post(v.base+"/attendance/file", w.FormDataContentType(), &body)
	if err != nil {
		v.t.Fatal(err)
	}
	return r, r.Header.Get("Location")
}

// looked is a file sent and the page that asks whether it is right.
func (v *visitor) looked(text string) (path, page string) {
	v.t.Helper()
	r, to := v.upload(text, "")
	_ = r.Body.Close()
	if to == "" {
		v.t.Fatalf("%d: the file was not taken", r.StatusCode)
	}
	return to, v.get(to, 200)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(once|saw|id|name|form|mark)" value="([^"]*)">`)

// hiddenOf are the hidden fields of the form that marks.
func hiddenOf(page string) url.Values {
	fields := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		fields.Set(m[1], m[2])
	}
	return fields
}

func TestAttendanceFromAFile(t *testing.T) {
	v := newVilla(t)
	v.mark(t, map[string]attendance.Mark{"p-1": attendance.Present, "p-2": attendance.Absent})
	office := v.visit(t, "office")
	var text strings.Builder
	text.WriteString("\ufeffAdno;\"Pupil name\";AM\r\n")
	for n := range 38 {
		fmt.Fprintf(&text, "%d;\"x, y\";/\r\n", 1001+n)
	}
	text.WriteString("1039;x;N\r\n9999;x;/\r\n1040;x;?\r\n")
	path, page := office.looked(text.String())
	has(t, "the preview", page, "Is this right?", "/ present in the morning Present 38", "N no reason yet Absent 1", "What would change: 38",
		"Bilal Byron (7A): Absent → Present", "Dylan O’Hara (7B): Not marked → Absent", "Nobody of that number or name is on the roll: line 41", "The code is none that schools use: line 42",
		"The file says nothing of 1 pupil", "-More than 40 %", "-Ada Byron (7A): ")
	if got := office.post(path, hiddenOf(page), 303); got != "/attendance?day=2026-11-23" {
		t.Errorf("it leads to %s", got)
	}
	if m := v.book.Day(today23).Marked(); m[attendance.Present] != 38 || m[attendance.Absent] != 1 {
		t.Errorf("marked %v", m)
	}
	office.post(path, hiddenOf(page), 303) // sent twice
	if n := len(v.book.Day(today23).Batches()); n != 2 {
		t.Errorf("%d batches", n)
	}
	has(t, "the day", office.get("/attendance", 200), "office: 38 pupils, from a file")
	has(t, "again", office.get(path, 200), "The file says what is marked already.")
	office.as("office-two")
	office.get(path, 404) // somebody else's file
	office.as("teacher")
	office.get("/attendance/file", 403)
}

// More than 40 % absent is asked about once more.
func TestDoubtfulFile(t *testing.T) {
	v := newVilla(t)
	office := v.visit(t, "office")
	path, page := office.looked("Adno,AM\n1001,N\n1002,/\n")
	has(t, "doubtful", page, "More than 40 % would be absent", "1 of 2 are absent")
	fields := hiddenOf(page)
	has(t, "not said", office.post(path, fields, 422), "say that it is right")
	if len(v.book.Day(today23).Batches()) != 0 {
		t.Error("it was marked all the same")
	}
	fields.Set("sure", "yes")
	office.post(path, fields, 303)
	if m := v.book.Day(today23).Marked(); m[attendance.Absent] != 1 {
		t.Errorf("marked %v", m)
	}
}

// Whoever looked at other changes than there are now looks again.
func TestFileMeanwhile(t *testing.T) {
	v := newVilla(t)
	office := v.visit(t, "office")
	path, page := office.looked("Adno,AM\n1001,/\n1002,/\n")
	v.mark(t, map[string]attendance.Mark{"p-1": attendance.Late, "p-2": attendance.Present})
	has(t, "stale", office.post(path, hiddenOf(page), 409), "The attendance has changed since you looked.", "Ada Byron (7A): Late → Present")
	if v.book.Day(today23).Of("p-1").Register != attendance.Late {
		t.Error("it was marked all the same")
	}
}

// A file with columns nobody knows is told which is which.
func TestFileColumns(t *testing.T) {
	v := newVilla(t)
	office := v.visit(t, "office")
	path, page := office.looked("UPN,Learner <b>,Mon AM\nX,\"Byron, Ada\",L\n")
	has(t, "unknown columns", page, "Choose the column with the marks", "Learner &lt;b&gt;", "-What would change")
	page = office.get(path+"?id=-1&name=1&form=-1&mark=2", 200)
	has(t, "chosen", page, "What would change: 1", "Ada Byron (7A): Not marked → Late")
	for _, columns := range []string{"?mark=99", "?mark=x&name=-7", "?id=0&mark=0", "?form=2&name=1&mark=1"} {
		if r, err := office.Get(office.base + path + columns); err != nil || r.StatusCode >= 500 {
			t.Errorf("%s: %v %v", columns, r, err)
		}
	}
	office.post(path, hiddenOf(page), 303)
	if v.book.Day(today23).Of("p-1").Register != attendance.Late {
		t.Error("it was not marked")
	}
	has(t, "no columns", office.post(path, url.Values{"mark": {"-1"}, "name": {"-1"}}, 422), "Choose the column with the marks")
}

func TestFilesRefused(t *testing.T) {
	v := newVilla(t)
	office := v.visit(t, "office")
	for name, c := range map[string]struct {
		text, pasted, says string
		status             int
	}{
		"nothing":        {"", "  ", "Choose a file, or paste its text.", 422},
		"one column":     {"names\nAda\n", "", "does not name 2 to 60 columns", 422},
		"not text":       {strings.Repeat("\x00\xff", 500), "", "does not name 2 to 60 columns", 422},
		"too large":      {strings.Repeat("1001,/\n", 1<<20/7+10), "", "larger than 1 MB", 422},
		"pasted, broken": {"", "Adno,AM\n\"1001", "", 303},
	} {
		r, to := office.upload(c.text, c.pasted)
		page := office.text(name, r, c.status)
		if c.says != "" {
			has(t, name, page, c.says)
		} else if to != "" {
			has(t, name, office.get(to, 422), "The file cannot be read: line 2: a quote stands where none may")
		}
	}
	path, page := office.looked("Adno,AM,Remarks\n1001,/,\n" + strings.Repeat("9,/,"+strings.Repeat("x", 180)+"\n", 4990)) // almost 1 MB
	has(t, path, page, "What would change: 1")
	for name, text := range map[string]string{"5,001 lines": "Adno,AM\n" + strings.Repeat("1001,/\n", 5001)} {
		r, to := office.upload(text, "")
		_ = r.Body.Close()
		has(t, name, office.get(to, 422), "more than 5,000 lines")
	}
}

// Ten megabytes are not read to their end.
func TestAVeryLargeFile(t *testing.T) {
	office := newVilla(t).visit(t, "office")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "marks.csv")
	if err == nil {
		_, err = part.Write(bytes.Repeat([]byte("1001,/\n"), 10<<20/7))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	r, err := office.Post(office.base+"/attendance/file", w.FormDataContentType(), &body)
	if err == nil { // else the server has hung up, as it may
		has(t, "10 MB", office.text("10 MB", r, 422), "larger than 1 MB")
	}
	if path, _ := office.looked("Adno,AM\n1001,/\n"); path == "" {
		t.Error("nothing can be sent after it")
	}
}

// Files are kept in memory for a quarter of an hour, a few at a time.
func TestFilesAreForgotten(t *testing.T) {
	now := time.Now()
	f := files{now: func() time.Time { return now }}
	first := f.keep(upload{account: "office-0"})
	for n := range mostFiles {
		f.keep(upload{account: fmt.Sprintf("office-%d", n)})
		now = now.Add(time.Second)
	}
	if len(f.kept) != mostFiles {
		t.Errorf("%d files are kept", len(f.kept))
	}
	if _, err := f.find(first, "office-0"); err == nil {
		t.Error("a second file of one person does not take the place of the first")
	}
	last := f.keep(upload{account: "new"})
	if _, err := f.find(last, "new"); err != nil || len(f.kept) != mostFiles {
		t.Errorf("%v, %d files", err, len(f.kept))
	}
	now = now.Add(filesLast + time.Second)
	if _, err := f.find(last, "new"); err == nil {
		t.Error("a file is kept for ever")
	}
}
