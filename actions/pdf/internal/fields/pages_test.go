package fields

import (
	"strings"
	"testing"
)

func TestPageText(t *testing.T) {
	for name, c := range map[string][2]string{
		"two columns are read one after the other": {`
          A report in two columns
The quick brown fox jumps over     Pack my box with five dozen
the lazy dog and runs away to      liquor jugs, said the old
the woods, where it finds some     keeper of the inn, and went
other foxes, brown and quick,      to bed before the clock had
who have a lot to say to it        struck nine, as he had done
about dogs, lazy and other.        for thirty years and more.
`, `A report in two columns
The quick brown fox jumps over
the lazy dog and runs away to
the woods, where it finds some
other foxes, brown and quick,
who have a lot to say to it
about dogs, lazy and other.
Pack my box with five dozen
liquor jugs, said the old
keeper of the inn, and went
to bed before the clock had
struck nine, as he had done
for thirty years and more.`},
		"a table is read across": {`
Item      Price
Desk      5.00
Lamp      6.00
Chair     7.00
Shelf     8.00
Box       9.00
Rug       1.00
`, "Item   Price\nDesk   5.00\nLamp   6.00\nChair   7.00\nShelf   8.00\nBox   9.00\nRug   1.00"},
	} {
		if got := PageText(drawn(c[0], 1)); strings.TrimSpace(got) != c[1] {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}
