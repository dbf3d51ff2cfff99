package world

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
)

// What names the kind of a Line.
type What string

// The words of the truth file; the package comment says what each means.
const (
	Frame   What = "frame"
	Opened  What = "opened"
	Jammed  What = "jammed"
	Forced  What = "forced"
	Put     What = "put"
	Took    What = "took"
	Shut    What = "shut"
	Ajar    What = "ajar"
	Garbled What = "garbled"
	Scan    What = "scan"
	Arrived What = "arrived"
	Absent  What = "absent"
	Gone    What = "gone"
	Note    What = "note"
)

var words = []What{
	Frame, Opened, Jammed, Forced, Put, Took, Shut, Ajar,
	Garbled, Scan, Arrived, Absent, Gone, Note,
}

const (
	maxLine = 1024 // bytes of one line, its line feed included
	maxText = 200  // bytes of a remark
	stamp   = "2006-01-02T15:04:05.000Z07:00"
)

// Line is one thing that happened. Board and Lock count from zero and mean
// something only where Bus is set.
type Line struct {
	N     uint64
	T     time.Time // school time, to the millisecond
	What  What
	Bus   string
	Board int
	Lock  int
	Door  int // 0: none
	Pupil string
	Phone string
	Text  string
}

// jsonLine is the form of a Line in the file.
type jsonLine struct {
	N     uint64 `json:"n"`
	T     string `json:"t"`
	What  What   `json:"what"`
	Bus   string `json:"bus,omitempty"`
	Board *int   `json:"board,omitempty"`
	Lock  *int   `json:"lock,omitempty"`
	Door  int    `json:"door,omitempty"`
	Pupil string `json:"pupil,omitempty"`
	Phone string `json:"phone,omitempty"`
	Text  string `json:"text,omitempty"`
}

// encode gives the one spelling of a line, with its line feed.
func encode(l Line) ([]byte, error) {
	j := jsonLine{
		N: l.N, T: l.T.Format(stamp), What: l.What,
		Bus: l.Bus, Door: l.Door, Pupil: l.Pupil, Phone: l.Phone, Text: l.Text,
	}
	if l.Bus != "" {
		j.Board, j.Lock = &l.Board, &l.Lock
	}
	b, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	if len(b) >= maxLine {
		return nil, fmt.Errorf("a truth line of %d bytes; the limit is %d", len(b)+1, maxLine)
	}
	return append(b, '\n'), nil
}

// decode reads what encode wrote and nothing else.
func decode(raw []byte) (Line, error) {
	var j jsonLine
	if err := json.Unmarshal(raw, &j); err != nil {
		return Line{}, err
	}
	t, err := time.Parse(stamp, j.T)
	if err != nil {
		return Line{}, err
	}
	if !slices.Contains(words, j.What) {
		return Line{}, fmt.Errorf("unknown word %q", j.What)
	}
	l := Line{
		N: j.N, T: t, What: j.What,
		Bus: j.Bus, Door: j.Door, Pupil: j.Pupil, Phone: j.Phone, Text: j.Text,
	}
	if j.Board != nil && j.Lock != nil {
		l.Board, l.Lock = *j.Board, *j.Lock
	}
	if again, err := encode(l); err != nil || !bytes.Equal(again, raw) {
		return Line{}, errors.New("not in the form the world writes")
	}
	return l, nil
}

// ReadTruth reads a whole truth file. It is strict: a line that is torn, too
// long, out of sequence or not spelled as the world spells it is an error
// (errs.Invalid) that names the line.
func ReadTruth(r io.Reader) ([]Line, error) {
	br := bufio.NewReaderSize(r, maxLine)
	var lines []Line
	for {
		raw, err := br.ReadSlice('\n')
		if err == io.EOF && len(raw) == 0 {
			return lines, nil
		}
		var l Line
		if err == nil {
			l, err = decode(raw)
		}
		if want := uint64(len(lines) + 1); err == nil && l.N != want {
			err = fmt.Errorf("it counts %d, not %d", l.N, want)
		}
		if err != nil {
			return nil, errs.Wrap(err, errs.Invalid,
				fmt.Sprintf("Line %d of the truth file cannot be read.", len(lines)+1),
				"Use the file as the pretend world wrote it, or start with a new one.")
		}
		lines = append(lines, l)
	}
}

// truth appends lines to the file. The first failure sticks: a world that
// cannot say what happens must not go on.
type truth struct {
	now  func() time.Time
	fail func(error)

	mu   sync.Mutex
	file *os.File
	n    uint64
	err  error
}

// openTruth opens or makes the file and reads what is in it.
func openTruth(path string, now func() time.Time, fail func(error)) (*truth, []Line, error) {
	unusable := func(err error) error {
		return errs.Wrap(err, errs.Unavailable, "The truth file "+path+" cannot be opened.",
			"Name a file in a folder that you may write to.")
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, unusable(err)
	}
	before, err := ReadTruth(file)
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return &truth{now: now, fail: fail, file: file, n: uint64(len(before))}, before, nil
}

// tell writes one line; number and time are filled in. Nothing may happen
// whose line could not be written.
func (t *truth) tell(l Line) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return t.err
	}
	l.N, l.T, l.Text = t.n+1, t.now(), remark(l.Text)
	b, err := encode(l)
	if err == nil {
		_, err = t.file.Write(b)
	}
	if err != nil {
		t.err = errs.Wrap(err, errs.Unavailable, "The truth file cannot be written.",
			"Make room on the disk and start the pretend world again.")
		t.fail(t.err)
		return t.err
	}
	t.n++
	return nil
}

// close ends the file, once. A line told later fails.
func (t *truth) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return nil
	}
	err := t.file.Close()
	t.file = nil
	t.err = cmp.Or(t.err, os.ErrClosed)
	return err
}

// remark makes text valid UTF-8 of at most maxText bytes.
func remark(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	return strings.ToValidUTF8(text, "")
}
