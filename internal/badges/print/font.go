package print

import (
	_ "embed"
	"encoding/binary"
	"errors"
)

// DejaVu has Latin with all its accents, Greek, Cyrillic, Armenian, Georgian,
// Hebrew and more. The PDF holds only the glyphs used. See font/LICENSE.
var (
	//go:embed font/DejaVuSans.ttf
	textFont []byte
	//go:embed font/DejaVuSansMono.ttf
	codeFont []byte
)

const (
	textFace = "text"
	codeFace = "code"
)

var errFont = errors.New("the font has no readable character map")

// coverage tells for which characters a TrueType font has glyphs. It reads the
// font's cmap table, subtable format 4: Unicode up to U+FFFF as sorted
// segments. Layout: OpenType specification, chapter cmap.
func coverage(font []byte) (func(rune) bool, error) {
	cmap, err := table(font, "cmap")
	if err != nil {
		return nil, err
	}
	const windows, unicodeBMP, segments = 3, 1, 4
	for i := range cmap.u16(2) {
		record := 4 + 8*i
		if cmap.u16(record) != windows || cmap.u16(record+2) != unicodeBMP {
			continue
		}
		sub := cmap.from(cmap.u32(record + 4))
		if sub.u16(0) == segments {
			return sub.has, nil
		}
	}
	return nil, errFont
}

// bytes16 is big-endian data; what lies outside it reads as zero.
type bytes16 []byte

func (b bytes16) from(at int) bytes16 { return b[min(max(at, 0), len(b)):] }

func (b bytes16) u16(at int) int {
	if at < 0 || at+2 > len(b) {
		return 0
	}
	return int(binary.BigEndian.Uint16(b[at:]))
}

func (b bytes16) u32(at int) int { return b.u16(at)<<16 | b.u16(at+2) }

// table finds a table of a font file by its tag.
func table(font bytes16, tag string) (bytes16, error) {
	const header, entry = 12, 16
	for i := range font.u16(4) {
		at := header + entry*i
		if at+entry <= len(font) && string(font[at:at+4]) == tag {
			return font.from(font.u32(at + 8)), nil
		}
	}
	return nil, errFont
}

// has looks r up in a subtable of format 4: four parallel arrays of end,
// start, delta and offset, a word of padding after the first.
func (b bytes16) has(r rune) bool {
	if r > 0xFFFF || r < 0 {
		return false
	}
	segments := b.u16(6) / 2
	ends := 14
	starts := ends + 2*segments + 2
	deltas := starts + 2*segments
	offsets := deltas + 2*segments
	for i := range segments {
		if int(r) > b.u16(ends+2*i) {
			continue
		}
		start, at := b.u16(starts+2*i), offsets+2*i
		if int(r) < start {
			return false
		}
		glyph := int(r)
		if offset := b.u16(at); offset != 0 {
			if glyph = b.u16(at + offset + 2*(int(r)-start)); glyph == 0 {
				return false
			}
		}
		return (glyph+b.u16(deltas+2*i))&0xFFFF != 0
	}
	return false
}
