package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/pki/cert"
	"github.com/bellkeep/bellkeep/internal/pki/identity"
	"github.com/bellkeep/bellkeep/internal/pki/joining"
)

const joinHelp = `Makes this device a member of its school. The code comes from
"bellkeep device add" on the school's server and holds for 30 minutes.

Example: bellkeep-agent join --code BKJ1... --identity ipad-7`

func join(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("join", flag.ContinueOnError)
	text := fs.String("code", "", "the joining `code`")
	dir := fs.String("identity", "/var/lib/bellkeep-agent", "`folder` for the device's key and certificate")
	force := fs.Bool("force", false, "give up the identity of another device or school in that folder")
	if err := parse(fs, joinHelp, args, stdout, stderr); err != nil {
		return err
	}
	id, err := redeem(ctx, *text, *dir, *force)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "This is device %s now. Its certificate is good until %s.\n", id.About().ID, id.NotAfter().UTC().Format("2 January 2006"))
	return nil
}

func redeem(ctx context.Context, text, dir string, force bool) (*identity.Identity, error) {
	code, err := joining.ParseCode(text)
	if err != nil {
		return nil, err
	}
	if code.Kind != cert.Device {
		return nil, errs.New(errs.Invalid, "That joining code is not for a device.", "Make one with: bellkeep device add")
	}
	id, _, err := identity.Join(ctx, code, dir, identity.Options{Now: time.Now, Force: force})
	return id, err
}
