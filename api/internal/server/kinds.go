package server

import (
	"net/http"

	"numbermill/shared/job"
)

// kind is one problem type: the last part of its type URI, its status, its title, and what its page tells a person.
type kind struct {
	name    string
	status  int
	title   string
	meaning string // what has happened
	advice  string // what to do now
}

// kinds are all problem types, in the order of their status.
var kinds []kind

// explained adds a problem type to the ones that have a page.
func explained(name string, status int, title, meaning, advice string) kind {
	k := kind{name, status, title, meaning, advice}
	kinds = append(kinds, k)
	return k
}

// The problem types. What a single answer has to say beyond these words stands in its detail.
var (
	malformed = explained("malformed", http.StatusBadRequest, "The request cannot be read",
		"The body is empty, is not JSON, breaks off, has a member twice, or a part of the address or of a header is not written as it has to be.",
		"Look at the detail of the answer: it names the place. Send one JSON object, encoded as UTF-8, with every member once.")
	badPageToken = explained(string(job.BadPageToken), http.StatusBadRequest, "The page token is not valid",
		"A page token continues one list with the filters that it began with. This one belongs to another list, was changed on its way, or was never one.",
		"Take next_page_token from the page before as it is and keep the filters, or leave page_token out to begin with the first page.")
	crossOrigin = explained("forbidden", http.StatusForbidden, "Requests from other sites are refused",
		"A browser sent this on behalf of a page of another site. A server on your own machine must not obey whatever page you happen to visit.",
		"Open the web app at this server's own address, or use a client that is no browser.")
	notFound = explained(string(job.NotFound), http.StatusNotFound, "Not found",
		"There is nothing at this address. A job is not found either if it was deleted, if it is kept no longer, or if it is somebody else's.",
		"Check the address letter by letter. GET /v1/jobs lists your jobs, and /docs describes every address there is.")
	methodNotAllowed = explained("method-not-allowed", http.StatusMethodNotAllowed, "The method does not apply here",
		"The address exists, but it does not take this HTTP method.",
		"Use one of the methods that the Allow header of the answer names.")
	notAcceptable = explained("not-acceptable", http.StatusNotAcceptable, "No acceptable representation",
		"The Accept header of the request excludes the only form in which the answer exists.",
		"Leave the Accept header out, or add the media type that the detail names.")
	resultNotReady = explained("result-not-ready", http.StatusConflict, "There are no digits",
		"The job has not succeeded: it still waits or runs, or it has failed, was cancelled or has expired.",
		"While it is active, wait for it with GET on the job and Prefer: wait=30, or follow its events. If it has ended, submit it again.")
	notCancellable = explained(string(job.NotCancellable), http.StatusConflict, "The job has ended",
		"Only a job that waits or runs can be cancelled. This one has already ended in another way, and an ended job never changes.",
		"Read the job to see how it ended. DELETE removes it if you do not want to keep it.")
	jobActive = explained(string(job.Active), http.StatusConflict, "The job has not ended",
		"A job can be deleted or tried again only once it has ended.",
		"Cancel it first, or wait until it has ended, for example with GET and Prefer: wait=30.")
	idempotencyInProgress = explained(string(job.KeyInProgress), http.StatusConflict, "The first request with this key is still on its way",
		"Another request with the same Idempotency-Key is being dealt with and has no job yet. Taking both might make two jobs of one.",
		"Send the same request with the same key again after the seconds that Retry-After names; it is answered with the first one's job.")
	resultExpired = explained(string(job.ResultGone), http.StatusGone, "The digits are gone",
		"The job has succeeded, but its digits are no longer kept: their time was over, or there was no more room for them.",
		"Submit the same job again to compute them anew.")
	changed = explained("precondition-failed", http.StatusPreconditionFailed, "The result is another one",
		"The If-Match header names an ETag that this result does not have, so that the request was not carried out.",
		"Read the ETag anew with a HEAD request, or leave If-Match out.")
	tooLarge = explained("body-too-large", http.StatusRequestEntityTooLarge, "The body is too large",
		"The body of the request is longer than this server takes.",
		"Send less at once: many jobs can be spread over several batches, and large arguments can be written in short, such as 10^9.")
	unsupportedMedia = explained("unsupported-media-type", http.StatusUnsupportedMediaType, "The body is not JSON",
		"The Content-Type of the request is not application/json, or the body is compressed or in another character set than UTF-8.",
		"Send JSON in UTF-8 with the header Content-Type: application/json, and without Content-Encoding.")
	unsatisfiable = explained("range-not-satisfiable", http.StatusRequestedRangeNotSatisfiable, "The range lies outside the digits",
		"The Range header asks for bytes that the result does not have, or it cannot be understood.",
		"The first digit is at 0, so that bytes=0-999 are the first thousand and bytes=-1000 the last. Content-Range says how many there are.")
	misdirected = explained("misdirected-request", http.StatusMisdirectedRequest, "The host is not served here",
		"The request was made for a host name that this server does not answer for. That keeps pages of other names from reaching it by a trick with DNS.",
		"Use a loopback address such as 127.0.0.1, or have the operator allow the name with --allowed-host.")
	invalidArguments = explained("invalid-arguments", http.StatusUnprocessableEntity, "Something in the request is not valid",
		"The request can be read, but something in it does not do: a function or method that does not exist, an argument that is missing, negative or "+
			"not whole, or a member that is not known.",
		"The member errors lists every such place with a pointer into your request. GET /v1/functions says what can be computed and what the arguments are.")
	idempotencyKeyReused = explained(string(job.KeyReused), http.StatusUnprocessableEntity, "The key belongs to another request",
		"This Idempotency-Key was used before, with a request that differs from this one. A key stands for one request.",
		"Draw a new key for a new request. To repeat the earlier one, send exactly what you sent then.")
	costLimitExceeded = explained("cost-limit-exceeded", http.StatusUnprocessableEntity, "The computation is over the limit",
		"Every job is priced before it is taken. This one would take more processor time, digits or memory than one job may.",
		"The answer names the estimate, the limit, and the largest arguments that would pass. Take smaller arguments, another method, or ask the "+
			"operator for higher limits (--max-cost, --max-digits, --max-memory).")
	notRepresentable = explained("not-representable", http.StatusUnprocessableEntity, "The result cannot be written down",
		"The value exists, but it has more digits than any machine could hold. A(4,3) of the Ackermann function is the best-known example.",
		"Choose the method facts: it tells the leading and trailing digits, the size and remainders of the value, however large it is.")
	computationRefused = explained(string(job.Poisoned), http.StatusUnprocessableEntity, "The computation is refused for a while",
		"The worker process died several times in a row while it computed just this, so it is most likely the computation that ends it.",
		"Wait for as long as Retry-After says, or take smaller arguments. If it happens again, report it with the request id.")
	quotaExceeded = explained(string(job.QuotaExceeded), http.StatusTooManyRequests, "Too much at once",
		"You have as many active jobs as one owner may have, or you submit them faster than is allowed. A limit keeps one owner's work from crowding out all others'.",
		"Wait as many seconds as Retry-After says, wait for jobs to end, or cancel some. Nothing that was accepted before is affected.")
	internal = explained("internal", http.StatusInternalServerError, "Something is broken on this side",
		"The server met an error that it did not expect. Your request was not at fault.",
		"Try again. If it happens again, report it with the request id of the answer: it leads to the log lines of the request.")
	unavailable = explained(string(job.Unavailable), http.StatusServiceUnavailable, "Not at the moment",
		"Something that the server needs, Redis most likely, does not answer or is full. Jobs that were accepted are safe and go on.",
		"Try again after the seconds that Retry-After names. With an Idempotency-Key a repeated submission never makes a second job.")
)
