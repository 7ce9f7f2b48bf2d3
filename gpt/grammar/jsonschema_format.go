package grammar

// The pieces of formats.
const (
	monthDays = `(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))`
	leapYear  = `(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)`
	fullDate  = `(?:\d{4}-` + monthDays + `|` + leapYear + `-02-29)`
	fullTime  = `(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)`
	octet     = `(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
	domain    = `[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*`
)

// formats is the formats that can be held, as patterns. Times have no leap second; an address has no quoted part
// and no literal host; the length of a whole host name is not looked at.
var formats = map[string]string{
	"date":      `^` + fullDate + `$`,
	"time":      `^` + fullTime + `$`,
	"date-time": `^` + fullDate + `T` + fullTime + `$`,
	"duration":  `^P(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?|T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))$`,
	"uuid":      `^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`,
	"ipv4":      `^` + octet + `(?:\.` + octet + `){3}$`,
	"email":     "^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*@" + domain + `$`,
	"hostname":  `^` + domain + `$`,
}
