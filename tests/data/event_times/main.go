// Writes what Go's time package makes of many event times: a line of JSON for each, with the Unix
// time in seconds, or null where the value is not of the format.
//
//	TZ=UTC go run main.go > verdicts.jsonl
package main

import (
	"bufio"
	"encoding/json"
	"math/rand"
	"os"
	"time"
	"unicode/utf8"
)

type verdict struct {
	Format string `json:"format"`
	Value  string `json:"value"`
	Unix   *int64 `json:"unix"`
}

var layouts = []struct{ name, layout string }{
	{"RFC822", time.RFC822},
	{"RFC850", time.RFC850},
	{"RFC1123", time.RFC1123},
	{"RFC3339", time.RFC3339},
}

var odd = []string{
	"", " ", "yesterday", "1709251080", "2024-02-29", "2024-02-29T23:58:00",
	// RFC 3339
	"2024-02-29T23:58:00Z", "2024-02-29t23:58:00z", "2024-02-29 23:58:00Z", "2024-02-29T23:58:00z",
	"2024-02-29T23:58:60Z", "2024-02-29T24:00:00Z", "2024-02-29T5:04:05Z", "2024-02-29T05:4:05Z",
	"2024-02-29T05:04:5Z", "2024-2-29T05:04:05Z", "2024-02-9T05:04:05Z", "2023-02-29T00:00:00Z",
	"2024-02-30T00:00:00Z", "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-00T00:00:00Z",
	"2024-02-29T23:58:00.5Z", "2024-02-29T23:58:00,5Z", "2024-02-29T23:58:00.Z",
	"2024-02-29T23:58:00.123456789012Z", "2024-02-29T23:58:00+08:00", "2024-02-29T23:58:00-08:00",
	"2024-02-29T23:58:00+0800", "2024-02-29T23:58:00+08", "2024-02-29T23:58:00+24:00",
	"2024-02-29T23:58:00+25:00", "2024-02-29T23:58:00+08:60", "2024-02-29T23:58:00+08:61",
	"2024-02-29T23:58:00+8:00", "2024-02-29T23:58:00 +08:00", "2024-02-29T23:58:00\u221208:00",
	"2024-02-29T23:58:00Z ", " 2024-02-29T23:58:00Z", "2024-02-29T23:58:00ZZ", "24-02-29T23:58:00Z",
	"02024-02-29T23:58:00Z", "+2024-02-29T23:58:00Z", "-024-02-29T23:58:00Z", "1969-12-31T23:59:59Z",
	"0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
	"9999-12-31T23:59:59-14:00", "２０２４-02-29T23:58:00Z", "2024-02-29T٢٣:58:00Z",
	"2024-02-29T23:58:00\u00a0Z", "2024-02-29T23:58:00Z\n", "2024-02-29T23:58:00UTC",
	// RFC 822
	"29 Feb 24 23:58 UTC", "29 Feb 24 23:58 GMT", "29 Feb 24 23:58 Z", "29 Feb 24 23:58 UT",
	"29 Feb 24 23:58 EST", "29 Feb 24 23:58 MST", "29 Feb 24 23:58 CST", "29 Feb 24 23:58 XYZ",
	"29 Feb 24 23:58 +0800", "29 Feb 24 23:58 +08", "29 Feb 24 23:58 -3", "29 Feb 24 23:58 +23",
	"29 Feb 24 23:58 +24", "29 Feb 24 23:58 +08:00", "29 Feb 24 23:58 GMT+8", "29 Feb 24 23:58 GMT-3",
	"29 Feb 24 23:58 GMT+08", "29 Feb 24 23:58 GMT+24", "29 Feb 24 23:58 GMT+0800", "29 Feb 24 23:58 GMTX",
	"29 Feb 24 23:58 UTC+8", "29 Feb 24 23:58 UTCX", "29 Feb 24 23:58 ChST", "29 Feb 24 23:58 MeST",
	"29 Feb 24 23:58 WITA", "29 Feb 24 23:58 CEST", "29 Feb 24 23:58 ABCD", "29 Feb 24 23:58 ABCDT",
	"29 Feb 24 23:58 ABCDE", "29 Feb 24 23:58 ABCDEF", "29 Feb 24 23:58 ABCDET", "29 Feb 24 23:58 utc",
	"29 Feb 24 23:58 Est", "29 Feb 24 23:58", "29 Feb 24 23:58 ", "29 Feb 24 23:58  UTC",
	"29  Feb  24  23:58  UTC", " 29 Feb 24 23:58 UTC", "29 Feb 24 23:58 UTC ", "9 Feb 24 23:58 UTC",
	"09 Feb 24 3:58 UTC", "09 Feb 24 03:8 UTC", "09 feb 24 23:58 UTC", "09 FEB 24 23:58 UTC",
	"09 Febr 24 23:58 UTC", "09 February 24 23:58 UTC", "09 Foo 24 23:58 UTC", "09 Feb 2024 23:58 UTC",
	"09 Feb 68 00:00 UTC", "09 Feb 69 00:00 UTC", "09 Feb 99 00:00 UTC", "09 Feb 00 00:00 UTC",
	"09 Feb -5 00:00 UTC", "09 Feb +5 00:00 UTC", "09 Feb 5 00:00 UTC", "09 Feb 24 23:58:59 UTC",
	"Thu, 29 Feb 24 23:58 UTC", "30 Feb 24 23:58 UTC", "31 Apr 24 00:00 UTC", "00 Jan 24 00:00 UTC",
	"32 Jan 24 00:00 UTC", "29 Feb 23 00:00 UTC", "09 Feb 24 24:00 UTC", "09 Feb 24 23:60 UTC",
	"09-Feb-24 23:58 UTC", "09 Feb 24T23:58 UTC", "09\tFeb 24 23:58 UTC",
	// RFC 850
	"Thursday, 29-Feb-24 23:58:00 UTC", "thursday, 29-feb-24 23:58:00 UTC", "Monday, 29-Feb-24 23:58:00 UTC",
	"Thu, 29-Feb-24 23:58:00 UTC", "Thursday 29-Feb-24 23:58:00 UTC", "Thursday,29-Feb-24 23:58:00 UTC",
	"Thursday,  29-Feb-24 23:58:00 UTC", "Thursday, 29-Feb-2024 23:58:00 UTC", "Thursday, 9-Feb-24 23:58:00 UTC",
	"Thursday, 29-Feb-24 23:58:00.5 UTC", "Thursday, 29-Feb-24 23:58:00,25 UTC", "Thursday, 29-Feb-24 23:58 UTC",
	"Thursday, 29-Feb-24 23:58:60 UTC", "Thursday, 29-Feb-24 23:58:00 GMT+8", "Thursday, 29-Feb-24 23:58:00 +08:00",
	"Thursday, 29 Feb 24 23:58:00 UTC", "Donnerstag, 29-Feb-24 23:58:00 UTC", "THURSDAY, 29-FEB-24 23:58:00 UTC",
	"Thursday, 29-Feb-24 23:58:00 PST", "Thursdayx, 29-Feb-24 23:58:00 UTC",
	// RFC 1123
	"Thu, 29 Feb 2024 23:58:00 GMT", "Thu, 29 Feb 2024 23:58:00 EST", "Mon, 29 Feb 2024 23:58:00 UTC",
	"thu, 29 feb 2024 23:58:00 UTC", "Thursday, 29 Feb 2024 23:58:00 UTC", "29 Feb 2024 23:58:00 UTC",
	"Thu, 9 Feb 2024 23:58:00 UTC", "Thu, 29 Feb 24 23:58:00 UTC", "Thu, 29 Feb 2024 23:58 UTC",
	"Thu, 29 Feb 2024 3:58:00 UTC", "Thu, 29 Feb 2024 23:58:00 +0000", "Thu, 29 Feb 2024 23:58:00 +00",
	"Thu, 29 Feb 2024 23:58:00 GMT+14", "Thu, 29 Feb 2024 23:58:00.123 UTC", "Thu,29 Feb 2024 23:58:00 UTC",
	"Thu, 29 Feb 0000 23:58:00 UTC", "Thu, 29 Feb -024 23:58:00 UTC", "Thu, 31 Dec 9999 23:59:59 UTC",
	"Thu, 01 Jan 0001 00:00:00 GMT+14", "Thu, 29 Feb 2024 23:58:00 G", "Thu, 29 Feb 2024 23:58:00 GM",
}

const alphabet = "0123456789 +-:.,TZtzGMTUCabJFeb\u0663"

func main() {
	random := rand.New(rand.NewSource(1))
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, each := range layouts {
		for _, value := range odd {
			write(encoder, each.name, each.layout, value)
		}
		for i := 0; i < 120; i++ {
			moment := time.Unix(random.Int63n(8_000_000_000)-4_000_000_000, 0).UTC()
			value := moment.Format(each.layout)
			write(encoder, each.name, each.layout, value)
			for edits := 0; edits < 3; edits++ {
				write(encoder, each.name, each.layout, edited(random, value))
			}
		}
	}
}

// edited changes, removes or inserts a character.
func edited(random *rand.Rand, value string) string {
	letters, symbols := []rune(value), []rune(alphabet)
	place, symbol := random.Intn(len(letters)), symbols[random.Intn(len(symbols))]
	switch random.Intn(3) {
	case 0:
		letters[place] = symbol
	case 1:
		letters = append(letters[:place], letters[place+1:]...)
	default:
		letters = append(letters[:place], append([]rune{symbol}, letters[place:]...)...)
	}
	return string(letters)
}

func write(encoder *json.Encoder, name, layout, value string) {
	if !utf8.ValidString(value) {
		return
	}
	line := verdict{Format: name, Value: value}
	if moment, err := time.Parse(layout, value); err == nil {
		seconds := moment.Unix()
		line.Unix = &seconds
	}
	if err := encoder.Encode(line); err != nil {
		panic(err)
	}
}
