package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	_ "image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	zxing "github.com/makiuchi-d/gozxing/qrcode"

	"github.com/bellkeep/bellkeep/firmware-bridge"
	"github.com/bellkeep/bellkeep/hardware"
	"github.com/bellkeep/bellkeep/internal/errs"
	"github.com/bellkeep/bellkeep/internal/school"
)

// The code on the sheet is read back from the page, and is no badge.
func TestScannerSheetHasItsTrialCode(t *testing.T) {
	var page bytes.Buffer
	if err := scannerSheet(&page); err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(page.String(), "data:image/png;base64,")
	data, _, ended := strings.Cut(rest, `"`)
	if !found || !ended {
		t.Fatalf("no picture in\n%s", &page)
	}
	png, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(data, "&#43;", "+"))
	if err != nil {
		t.Fatal(err)
	}
	img, _, err := image.Decode(bytes.NewReader(png))
	if err != nil {
		t.Fatal(err)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	read, err := zxing.NewQRCodeReader().Decode(bits, nil)
	if err != nil || read.GetText() != trial {
		t.Errorf("the code says %v, %v, want %q", read, err, trial)
	}
	if _, err := school.ParseBadge(trial); err == nil {
		t.Error("the trial code is a badge")
	}
	for _, want := range []string{"GM65", "GM72", "08 C6 04 08 00 F2 01 02 FE 31", trial} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestVerdict(t *testing.T) {
	for line, want := range map[string]string{
		trial:                                 "every digit and letter",
		strings.ToLower(trial):                "case of letters",
		"\x02" + trial:                        "before or after",
		"]Q1" + trial:                         "before or after",
		trial[:20]:                            "20 of 39",
		trial[30:]:                            "9 of 39",
		strings.ReplaceAll(trial, "YZ", "ZY"): "layout to US",
		"BK1" + strings.Repeat("0", 27):       "something else, of 30 characters",
	} {
		if got := verdict(line); !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// lines is a scanner that reads some lines and is then pulled out.
type lines []string

func (l *lines) Scan(context.Context) (string, error) {
	if len(*l) == 0 {
		return "", hardware.ErrGone
	}
	line := (*l)[0]
	*l = (*l)[1:]
	return line, nil
}

func (*lines) Close() error { return nil }

// A badge that somebody holds to the scanner meanwhile is never written out.
func TestScannerTrySaysNoBadge(t *testing.T) {
	badge := "BK1" + strings.Repeat("7", 27)
	var out bytes.Buffer
	s := &sayer{w: &out}
	s.follow(t.Context(), "Scanner 1", bridge.Reader{Open: func(context.Context) (hardware.Scanner, error) { return &lines{trial, badge}, nil }})
	s.follow(t.Context(), "Scanner 2", bridge.Reader{Open: func(context.Context) (hardware.Scanner, error) {
		return nil, errs.New(errs.NotFound, "There is no scanner.", "Plug it in.")
	}})
	for _, want := range []string{"Scanner 1: reads every digit", "Scanner 1: reads something else", "Scanner 1: " + hardware.ErrGone.Error(), "Scanner 2: There is no scanner. Plug it in."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), badge[:10]) {
		t.Errorf("the badge is written out:\n%s", &out)
	}
}
