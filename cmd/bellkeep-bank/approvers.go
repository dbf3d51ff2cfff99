package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/bellkeep/bellkeep/firmware-bridge/station"
	"github.com/bellkeep/bellkeep/internal/durable"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school/passkey"
	"github.com/bellkeep/bellkeep/locker"
)

// Who changes a bank's approvers on its own computer, for the record.
const (
	root  = "root"
	owner = "owner" // of its data folder: the user that its program runs as
)

// maxList bounds a file with a list of approvers, in bytes.
const maxList = 64 << 10

// approvers says whose passkeys the bank goes by, and puts others in their place.
// Whoever has this computer can open the cabinet anyway: what they do here is on
// record, and new keys count after a day, so that somebody can see it.
func (o options) approvers(ctx context.Context, stdout io.Writer) (err error) {
	b, err := o.load()
	if err != nil {
		return err
	}
	s, err := station.Open(b.station)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if o.learn != "" {
		if err := o.learnApprovers(ctx, s, stdout); err != nil {
			return err
		}
	}
	known, err := s.Approvers(ctx)
	if err != nil {
		return err
	}
	return printApprovers(known, s.Now().Wall, stdout)
}

func (o options) learnApprovers(ctx context.Context, s *station.Station, stdout io.Writer) error {
	text, err := durable.ReadFile(o.learn, maxList)
	var set passkey.Set
	if err == nil {
		err = json.Unmarshal(text, &set)
	}
	if err == nil {
		err = set.Check()
	}
	if err != nil {
		return errs.Wrap(err, errs.Invalid, fmt.Sprintf("%s is no list of approvers.", o.learn), "Download it anew from the page Approvers.")
	}
	fmt.Fprintf(stdout, "The fingerprint of %s is %s.\n", o.learn, set.Fingerprint())
	if o.fingerprint != set.Fingerprint() {
		return errs.New(errs.Denied, "Nobody has said that this is the list.", "Hold it against the page Approvers in somebody else's browser; then give that one with --fingerprint.")
	}
	info, err := os.Stat(o.data)
	if err != nil {
		return err
	}
	by, err := mayLearn(info, os.Geteuid())
	if err != nil {
		return err
	}
	return s.LearnApprovers(ctx, set, by)
}

// mayLearn refuses a user who may write to the bank's data folder and neither owns it
// nor is root, and otherwise says what the record calls them.
func mayLearn(folder os.FileInfo, user int) (by string, err error) {
	sys, ok := folder.Sys().(*syscall.Stat_t)
	switch {
	case user == 0:
		return root, nil
	case ok && int(sys.Uid) == user:
		return owner, nil
	}
	return "", errs.New(errs.Denied, "Only root, or the owner of the bank's data folder, changes its approvers.", "Run it as root.")
}

func printApprovers(known locker.Approvers, now time.Time, w io.Writer) error {
	if known.Set.Empty() {
		fmt.Fprintln(w, "The bank knows nobody's passkey: nothing comes out of its evidence doors.")
		return nil
	}
	fmt.Fprintf(w, "The bank knows these passkeys, whose fingerprint is %s:\n", known.Set.Fingerprint())
	for _, k := range known.Set.Keys {
		since := known.Since[k.Name()]
		counts := "counts"
		if until := since.At.Wall.Add(locker.NewFor); !since.AtOnce && now.Before(until) {
			counts = "counts from " + until.UTC().Format(time.DateTime) + " UTC"
		}
		fmt.Fprintf(w, "  %s, since %s UTC, %s\n", k.Person, since.At.Wall.UTC().Format(time.DateTime), counts)
	}
	return nil
}
