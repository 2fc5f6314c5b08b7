package communique

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "communique.example/client/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// What a watch does with a server that misbehaves.

var away = answer{err: failure(codes.Unavailable, "", nil)}

func says(from, through int64) answer {
	response := &v1.WatchResponse{
		FromRevision: from, ThroughRevision: through, ResumeToken: fmt.Sprint("token ", through),
	}
	for i := from + 1; i <= through; i++ {
		response.Changes = append(response.Changes, &v1.Change{Name: fmt.Sprint("actors/", i), Revision: i})
	}
	return answer{response: response}
}

func fromStart() *v1.WatchRequest {
	return &v1.WatchRequest{Start: &v1.WatchRequest_StartRevision{StartRevision: 0}}
}

func fromStartThrough(revision int64) *v1.WatchRequest {
	request := fromStart()
	request.Until = &v1.WatchRequest_UntilRevision{UntilRevision: revision}
	return request
}

// readAll is how far the responses of a watch reach, until its end or error.
func readAll(watch *Watch) (through []int64, err error) {
	for response, err := range watch.All() {
		if err != nil {
			return through, err
		}
		through = append(through, response.ThroughRevision)
	}
	return through, nil
}

func TestResumesWithTheLastToken(t *testing.T) {
	fake := startFake(t, []answer{says(0, 2), away}, []answer{away}, []answer{says(2, 3)})
	watch := fake.client(t).Watch(context.Background(), fromStartThrough(3))
	through, err := readAll(watch)
	if err != nil || !slices.Equal(through, []int64{2, 3}) {
		t.Errorf("%v, %v", through, err)
	}
	if got := fake.tokens(); !slices.Equal(got, []string{"", "token 2", "token 2"}) {
		t.Errorf("came with the tokens %q", got)
	}
	if got := watch.ResumeToken(); got != "token 3" {
		t.Errorf("ended with the token %q", got)
	}
	stats := watch.Stats()
	if stats.ReconnectCount != 2 || stats.ThroughRevision != 3 || status.Code(stats.LastFault) != codes.Unavailable {
		t.Errorf("%+v", stats)
	}
	if _, err := watch.Next(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

func TestDropsRepeatsAndHealsGaps(t *testing.T) {
	fake := startFake(t, []answer{says(0, 2), says(0, 2), says(3, 4)}, []answer{says(2, 4)})
	watch := fake.client(t).Watch(context.Background(), fromStartThrough(4))
	through, err := readAll(watch)
	if err != nil || !slices.Equal(through, []int64{2, 4}) {
		t.Errorf("%v, %v", through, err)
	}
	if got := fake.tokens(); !slices.Equal(got, []string{"", "token 2"}) {
		t.Errorf("came with the tokens %q", got)
	}
	if stats := watch.Stats(); stats.RepeatCount != 1 || stats.BrokenChainCount != 1 {
		t.Errorf("%+v", stats)
	}
}

func TestAChainThatKeepsBreakingEndsIt(t *testing.T) {
	gap := []answer{says(3, 4)}
	fake := startFake(t, []answer{says(0, 2), says(3, 4)}, gap, gap, gap, gap, gap)
	watch := fake.client(t).Watch(context.Background(), fromStart())
	through, err := readAll(watch)
	var end *BrokenChainError
	if !errors.As(err, &end) || !slices.Equal(through, []int64{2}) {
		t.Errorf("%v, %v", through, err)
	}
	if watch.Stats().BrokenChainCount != 5 || watch.ResumeToken() != "token 2" {
		t.Errorf("%+v, token %q", watch.Stats(), watch.ResumeToken())
	}
}

func TestAPermanentErrorEndsItAtOnce(t *testing.T) {
	for _, end := range []error{
		failure(codes.InvalidArgument, "INVALID_FILTER", nil),
		failure(codes.Unknown, "STORAGE_FAILED", nil),
		failure(codes.PermissionDenied, "", nil),
	} {
		fake := startFake(t, []answer{{err: end}}, []answer{says(0, 1)})
		watch := fake.client(t).Watch(context.Background(), fromStart())
		for range 2 {
			if _, err := watch.Next(); status.Code(err) != status.Code(end) {
				t.Errorf("%v, not %v", err, end)
			}
		}
		if got := len(fake.tokens()); got != 1 {
			t.Errorf("%v: %d streams", end, got)
		}
	}
}

func TestWithoutRetriesTheLossIsReturned(t *testing.T) {
	fake := startFake(t, []answer{away}, []answer{says(0, 1)})
	client := newTestClient(t, Options{Endpoint: fake.endpoint, Retry: Retry{Disabled: true}})
	if _, err := client.Watch(context.Background(), nil).Next(); status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
}

func TestOpenTimeoutEndsWhatWasNeverAnswered(t *testing.T) {
	fake := startFake(t)
	client := newTestClient(t, Options{Endpoint: "127.0.0.1:1", Retry: fake.client(t).options.Retry})
	watch := client.Watch(context.Background(), nil, WatchOptions{OpenTimeout: 200 * time.Millisecond})
	if _, err := watch.Next(); status.Code(err) != codes.Unavailable {
		t.Error(err)
	}
}

func TestASilentStreamIsLost(t *testing.T) {
	fake := startFake(t, []answer{says(0, 1), {silence: true}}, []answer{says(1, 2)})
	request := fromStartThrough(2)
	request.CheckpointInterval = durationpb.New(100 * time.Millisecond)
	watch := fake.client(t).Watch(context.Background(), request)
	through, err := readAll(watch)
	if err != nil || !slices.Equal(through, []int64{1, 2}) {
		t.Errorf("%v, %v", through, err)
	}
	if fault := watch.Stats().LastFault; fault == nil || !strings.Contains(fault.Error(), "silent") {
		t.Error(fault)
	}
}

func TestAStreamThatEndsEarlyIsLost(t *testing.T) {
	for _, request := range []*v1.WatchRequest{fromStart(), fromStartThrough(3)} {
		fake := startFake(t, []answer{says(0, 1)}, []answer{}, []answer{says(1, 2)})
		watch := fake.client(t).Watch(context.Background(), request)
		through, err := readAll(watch)
		if reasonOf(err) != "NO_MORE_STREAMS" || !slices.Equal(through, []int64{1, 2}) {
			t.Errorf("%v: %v, %v", request, through, err)
		}
		if got := fake.tokens(); !slices.Equal(got, []string{"", "token 1", "token 1", "token 2"}) {
			t.Errorf("%v: came with the tokens %q", request, got)
		}
	}
}

func TestUntilHeadIsTheFirstHead(t *testing.T) {
	first := says(0, 2)
	first.response.UntilRevision = 3
	fake := startFake(t, []answer{first, away}, []answer{says(2, 3)})
	request := fromStart()
	request.Until = &v1.WatchRequest_UntilHead{UntilHead: true}
	through, err := readAll(fake.client(t).Watch(context.Background(), request))
	if err != nil || !slices.Equal(through, []int64{2, 3}) {
		t.Errorf("%v, %v", through, err)
	}
	if !fake.watchRequests[0].GetUntilHead() || fake.watchRequests[1].GetUntilRevision() != 3 || !request.GetUntilHead() {
		t.Error(fake.watchRequests, request)
	}
}

func TestABusyServerIsComeBackTo(t *testing.T) {
	const delay = 100 * time.Millisecond
	fake := startFake(t, []answer{{err: busy(delay)}}, []answer{says(0, 1)})
	fake.commitAnswers = []error{busy(delay), nil}
	client := fake.client(t)
	begin := time.Now()
	if response, err := client.Commit(context.Background(), &v1.CommitRequest{}); err != nil || response.Revision != 7 {
		t.Error(response, err)
	}
	if took := time.Since(begin); took < delay {
		t.Errorf("the commit came back after %v", took)
	}
	begin = time.Now()
	if _, err := readAll(client.Watch(context.Background(), fromStartThrough(1))); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took < delay {
		t.Errorf("the watch came back after %v", took)
	}
}

func TestALimitIsNotOutwaited(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// Of another kind, and beyond the deadline.
	for _, limit := range []error{failure(codes.ResourceExhausted, "SIZE_LIMIT", nil), busy(time.Minute)} {
		fake := startFake(t)
		fake.commitAnswers = []error{limit, nil}
		_, err := fake.client(t).Commit(ctx, &v1.CommitRequest{})
		if status.Code(err) != codes.ResourceExhausted || len(fake.commitRequests) != 1 || ctx.Err() != nil {
			t.Error(err, fake.commitRequests)
		}
	}
}

func TestTheClientsEndEndsABackOff(t *testing.T) {
	fake := startFake(t, []answer{{err: busy(time.Minute)}})
	fake.commitAnswers = []error{busy(20 * time.Second)}
	client := fake.client(t)
	time.AfterFunc(300*time.Millisecond, client.Close)
	begin := time.Now()
	ended := make(chan error)
	go func() {
		_, err := client.Commit(context.Background(), &v1.CommitRequest{})
		ended <- err
	}()
	if _, err := client.Watch(context.Background(), nil).Next(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if took := time.Since(begin); took > 10*time.Second {
		t.Error(took)
	}
}

func TestACommitKeepsItsRequestID(t *testing.T) {
	fake := startFake(t)
	fake.commitAnswers = []error{away.err, away.err, nil}
	request := &v1.CommitRequest{}
	if response, err := fake.client(t).Commit(context.Background(), request); err != nil || response.Revision != 7 {
		t.Fatal(response, err)
	}
	if request.RequestId != "" {
		t.Error("the caller's request was changed")
	}
	id := fake.commitRequests[0].RequestId
	if !regexp.MustCompile("^[A-Za-z0-9._:-]{1,64}$").MatchString(id) {
		t.Errorf("%q is no request id", id)
	}
	for _, repeated := range fake.commitRequests {
		if len(fake.commitRequests) != 3 || repeated.RequestId != id {
			t.Errorf("%v", fake.commitRequests)
		}
	}
}

func TestACommitThatWasRefusedIsNotRepeated(t *testing.T) {
	fake := startFake(t)
	fake.commitAnswers = []error{failure(codes.Aborted, "ETAG_MISMATCH", map[string]string{"etag": "x"}), nil}
	_, err := fake.client(t).Commit(context.Background(), &v1.CommitRequest{RequestId: "mine"})
	var e *Error
	if !errors.As(err, &e) || e.Reason != "ETAG_MISMATCH" || e.Metadata["etag"] != "x" {
		t.Error(err)
	}
	if len(fake.commitRequests) != 1 || fake.commitRequests[0].RequestId != "mine" {
		t.Errorf("%v", fake.commitRequests)
	}
}
