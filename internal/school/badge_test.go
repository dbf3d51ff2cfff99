package school

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The check character worked by hand for a token of zeros: p starts at 36, and
// 26 zeros double it modulo 37 each time: 36·2^26 ≡ −3 ≡ 34 (mod 37), so the check
// value is (37−34) mod 36 = 3.
func TestBadgeOfAllZeros(t *testing.T) {
	want := "BK1" + strings.Repeat("0", 26) + "3"
	p := 36
	for range 26 {
		p = p * 2 % 37
	}
	if p != 34 {
		t.Fatalf("arithmetic: p = %d", p)
	}
	if got := (Token{}).Badge(); got != want {
		t.Errorf("Badge() = %s, want %s", got, want)
	}
}

func TestBadgeOfKnownToken(t *testing.T) {
	// 128 one bits: a group of three (7) and 25 groups of five (Z).
	token := Token{}
	for i := range token {
		token[i] = 0xff
	}
	got := token.Badge()
	if !strings.HasPrefix(got, "BK17"+strings.Repeat("Z", 25)) {
		t.Errorf("Badge() = %s", got)
	}
}

func TestBadgeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var token Token
		copy(token[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "token"))
		got, err := ParseBadge(token.Badge())
		if err != nil || got != token {
			t.Fatalf("ParseBadge(%s) = %x, %v", token.Badge(), got, err)
		}
	})
}

// Any one wrong character must be noticed.
func TestBadgeCheckCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var token Token
		copy(token[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "token"))
		badge := []byte(token.Badge())
		at := rapid.IntRange(len(badgePrefix), len(badge)-2).Draw(t, "at")
		right := badge[at]
		badge[at] = crockford[rapid.IntRange(0, 31).Draw(t, "char")]
		if _, err := ParseBadge(string(badge)); err == nil && badge[at] != right {
			t.Fatalf("%s was read in spite of its error", badge)
		}
	})
}

// Two neighbours swapped are noticed but for a few: the check is a hybrid
// system of ISO 7064, which promises no more.
func TestBadgeSwappedCharacters(t *testing.T) {
	random := rand.New(rand.NewPCG(7064, 0))
	swaps, missed := 0, 0
	for range 20_000 {
		var token Token
		for i := range token {
			token[i] = byte(random.Uint32())
		}
		badge := []byte(token.Badge())
		at := len(badgePrefix) + random.IntN(tokenChars-1)
		if badge[at] == badge[at+1] {
			continue
		}
		badge[at], badge[at+1] = badge[at+1], badge[at]
		swaps++
		if _, err := ParseBadge(string(badge)); err == nil {
			missed++
		}
	}
	if missed*100 > swaps {
		t.Errorf("%d of %d swaps were missed, more than one in a hundred", missed, swaps)
	}
}

func TestParseBadge(t *testing.T) {
	good := Token{1, 2, 3}.Badge()
	cases := []struct {
		name, text string
		ok         bool
	}{
		{"as printed", good, true},
		{"lower case", strings.ToLower(good), true},
		{"letter O for nought", strings.Replace(good, "0", "O", 1), true},
		{"letters I and L for one", strings.Replace(strings.ToLower(good), "bk1", "bk1", 1), true},
		{"empty", "", false},
		{"too short", good[:len(good)-1], false},
		{"too long", good + "0", false},
		{"other prefix", "BK2" + good[3:], false},
		{"letter U", good[:10] + "U" + good[11:], false},
		{"more than 128 bits", "BK18" + good[4:], false},
		{"control characters", "\x1b[2J" + good[4:], false},
	}
	for _, c := range cases {
		if _, err := ParseBadge(c.text); (err == nil) != c.ok {
			t.Errorf("%s: ParseBadge(%q) = %v", c.name, c.text, err)
		}
	}
}

func FuzzParseBadge(f *testing.F) {
	f.Add(Token{}.Badge())
	f.Add("BK1")
	f.Add("bk1ooooooooooooooooooooooooooi")
	f.Fuzz(func(t *testing.T, text string) {
		token, err := ParseBadge(text)
		if err != nil {
			return
		}
		again, err := ParseBadge(token.Badge())
		if err != nil || again != token {
			t.Errorf("%q reads as %x, which prints as %s", text, token, token.Badge())
		}
	})
}

func TestBadgeHashAsMapKey(t *testing.T) {
	in := map[BadgeHash]int{Token{7}.Hash(): 1}
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out map[BadgeHash]int
	if err := json.Unmarshal(data, &out); err != nil || out[Token{7}.Hash()] != 1 {
		t.Errorf("%s came back as %v, %v", data, out, err)
	}
	if err := new(BadgeHash).UnmarshalText([]byte("ab")); err == nil {
		t.Error("a short hash was taken")
	}
	if err := new(BadgeHash).UnmarshalText([]byte(strings.Repeat("ab", 40))); err == nil {
		t.Error("a long hash was taken")
	}
}
