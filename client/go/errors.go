package communique

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Violation is one broken rule.
type Violation struct {
	Subject     string // What breaks it: a path of the request, a name, a limit.
	Description string
}

// Error is a call that failed, with what the server said about it.
type Error struct {
	// Reason is a name of ErrorReason without its prefix ("RECORD_NOT_FOUND"); empty when the error
	// did not come from the service.
	Reason string
	// Metadata holds the parts that vary.
	Metadata map[string]string
	// Violations is everything that is wrong: fields, then preconditions, then limits.
	Violations []Violation
	// RetryDelay is how long the server asks to wait before a retry; 0 when it does not.
	RetryDelay time.Duration

	status *status.Status
}

func (e *Error) Error() string { return fmt.Sprintf("%v: %s", e.Code(), e.status.Message()) }

// Code is the code of the status.
func (e *Error) Code() codes.Code { return e.status.Code() }

// GRPCStatus makes status.FromError and status.Code understand the error.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// Detail finds a detail of an error by its type, such as *v1.Tombstone of RECORD_DELETED.
func Detail[M proto.Message](err error) (M, bool) {
	if s, ok := status.FromError(err); ok {
		for _, detail := range s.Details() {
			if found, ok := detail.(M); ok {
				return found, true
			}
		}
	}
	var none M
	return none, false
}

// ErrClosed is what the calls and watches of a client end with that Client.Close ended, and what later
// ones return (errors.Is). It is an *Error with the code Canceled.
var ErrClosed error = newError(codes.Canceled, "the client was closed")

// ExpiredError is a token or revision older than what is held (OUT_OF_RANGE): begin with a snapshot, and
// remove what it lacks. What was deleted meanwhile is not told.
type ExpiredError struct {
	Err *Error
	// OldestRevision is the oldest that can be read; 0 when the server did not say.
	OldestRevision int64
}

func (e *ExpiredError) Error() string { return e.Err.Error() }
func (e *ExpiredError) Unwrap() error { return e.Err }

// TokenRefusedError is a resume token of another store, epoch, filter or shard, or a damaged one.
type TokenRefusedError struct{ Err *Error }

func (e *TokenRefusedError) Error() string { return e.Err.Error() }
func (e *TokenRefusedError) Unwrap() error { return e.Err }

// BrokenChainError is a server that kept sending responses that do not chain: do not go on.
type BrokenChainError struct{ Err *Error }

func (e *BrokenChainError) Error() string { return e.Err.Error() }
func (e *BrokenChainError) Unwrap() error { return e.Err }

// errorOf makes a typed error of what gRPC returned; io.EOF and what is no status stay what they are.
func errorOf(err error) error {
	var typed *Error
	if err == nil || err == io.EOF || errors.As(err, &typed) {
		return err
	}
	s, ok := status.FromError(err)
	if !ok {
		if s = status.FromContextError(err); s.Code() == codes.Unknown {
			return err
		}
	}
	e := &Error{status: s}
	for _, detail := range s.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			e.Reason, e.Metadata = d.Reason, d.Metadata
		case *errdetails.RetryInfo:
			e.RetryDelay = d.GetRetryDelay().AsDuration()
		case *errdetails.BadRequest:
			for _, v := range d.FieldViolations {
				e.Violations = append(e.Violations, Violation{v.Field, v.Description})
			}
		case *errdetails.PreconditionFailure:
			for _, v := range d.Violations {
				e.Violations = append(e.Violations, Violation{v.Subject, v.Description})
			}
		case *errdetails.QuotaFailure:
			for _, v := range d.Violations {
				e.Violations = append(e.Violations, Violation{v.Subject, v.Description})
			}
		}
	}
	switch e.Reason {
	case "RESUME_TOKEN_EPOCH", "RESUME_TOKEN_MISMATCH", "INVALID_RESUME_TOKEN", "REVISION_IN_FUTURE":
		return &TokenRefusedError{Err: e}
	}
	if e.Code() == codes.OutOfRange {
		oldest, _ := strconv.ParseInt(e.Metadata["oldest_revision"], 10, 64)
		return &ExpiredError{Err: e, OldestRevision: oldest}
	}
	return e
}

func newError(code codes.Code, format string, arguments ...any) *Error {
	return &Error{status: status.Newf(code, format, arguments...)}
}

// isRetryable says whether a call may be repeated: the server is away, or has too much to do just now
// and says when to come again. Other limits are not outwaited.
func isRetryable(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case codes.Unavailable:
		return true
	case codes.ResourceExhausted:
		_, told := Detail[*errdetails.RetryInfo](e)
		return told
	}
	return false
}

// isTransient says whether a watch may heal by another attempt: also when something between cut the
// stream. Errors of the service carry a reason; gRPC's own do not.
func isTransient(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	if isRetryable(err) {
		return true
	}
	switch e.Code() {
	case codes.Internal:
		return e.Reason == "" && strings.Contains(e.status.Message(), "RST_STREAM")
	case codes.Unknown, codes.Canceled:
		return e.Reason == ""
	}
	return false
}

// retryDelayOf is what the server asks for.
func retryDelayOf(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.RetryDelay
	}
	return 0
}

// sleep waits, or returns false when the context ended or the client was closed.
func sleep(ctx context.Context, closed <-chan struct{}, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-closed:
		return false
	}
}
