package communique

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "communique.example/client/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Against a real communiqued.

func mustCommit(t *testing.T, client *Client, request *v1.CommitRequest) *v1.CommitResponse {
	t.Helper()
	response, err := client.Commit(context.Background(), request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// commitActors puts actors/a{from} to actors/a{to - 1}, a revision each.
func commitActors(t *testing.T, client *Client, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		mustCommit(t, client, actor(fmt.Sprint("a", i), fmt.Sprint("Person ", i)))
	}
}

func actorNames(from, to int) (names []string) {
	for i := from; i < to; i++ {
		names = append(names, fmt.Sprint("actors/a", i))
	}
	return names
}

func namesOf(response *v1.WatchResponse) (names []string) {
	for _, change := range response.Changes {
		names = append(names, change.Name)
	}
	return names
}

func resumeFrom(token string) *v1.WatchRequest {
	return &v1.WatchRequest{Start: &v1.WatchRequest_ResumeToken{ResumeToken: token}}
}

func mustNext(t *testing.T, watch *Watch) *v1.WatchResponse {
	t.Helper()
	response, err := watch.Next()
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestCommitsListsAndGets(t *testing.T) {
	ctx := context.Background()
	client := startServer(t).client()
	commitActors(t, client, 0, 7)
	var names []string
	for record, err := range client.List(ctx, "actors", ListOptions{PageSize: 2}) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, record.Name)
	}
	if !slices.Equal(names, actorNames(0, 7)) {
		t.Error(names)
	}
	options := ListOptions{Filter: `display_name = "Person 3"`, ReadOptions: ReadOptions{ReadMask: []string{"create_time"}}}
	for record, err := range client.List(ctx, "actors", options) {
		if err != nil || record.Name != "actors/a3" || record.GetActor().GetDisplayName() != "" {
			t.Error(record, err)
		}
	}
	scope := &v1.ReadScope{KnownAt: &v1.ReadScope_KnownRevision{KnownRevision: 7}}
	record, err := client.Get(ctx, "actors/a6", ReadOptions{Scope: scope})
	if err != nil || record.Revision != 7 || record.GetActor().DisplayName != "Person 6" {
		t.Error(record, err)
	}
	for record, err := range client.List(ctx, "summits") {
		t.Error(record, err)
	}
	found, err := client.Catalog.Search(ctx, &v1.SearchRequest{Query: "person"})
	if err != nil || len(found.Results) != 7 {
		t.Error(found, err)
	}
}

func TestErrorsAreTyped(t *testing.T) {
	ctx := context.Background()
	client := startServer(t).client()
	var e *Error
	if _, err := client.Get(ctx, "actors/nobody"); !errors.As(err, &e) || e.Code() != codes.NotFound ||
		e.Reason != "RECORD_NOT_FOUND" {
		t.Error(err)
	}
	wrong := actor("UPPER", "")
	wrong.RequestId = "?"
	if _, err := client.Commit(ctx, wrong); !errors.As(err, &e) || e.Code() != codes.InvalidArgument ||
		len(e.Violations) < 2 {
		t.Error(err)
	}
	mustCommit(t, client, actor("a", "A"))
	gone := &v1.Mutation_Delete{Delete: &v1.DeleteMutation{Name: "actors/a"}}
	mustCommit(t, client, &v1.CommitRequest{Mutations: []*v1.Mutation{{Operation: gone}}})
	_, err := client.Get(ctx, "actors/a")
	if tombstone, ok := Detail[*v1.Tombstone](err); !ok || tombstone.Revision != 2 {
		t.Error(err)
	}
	if _, err := client.Get(ctx, "persons/a"); !errors.As(err, &e) || e.Code() != codes.InvalidArgument {
		t.Error(err)
	}
}

func TestACommitWaitsForARestart(t *testing.T) {
	server := startServer(t)
	client := server.client()
	mustCommit(t, client, actor("a", "A"))
	server.stop(syscall.SIGKILL)
	request := actor("b", "B")
	request.RequestId = "b"
	committed := make(chan int64)
	go func() {
		response, err := client.Commit(context.Background(), request)
		if err != nil {
			t.Error(err)
		}
		committed <- response.GetRevision()
	}()
	server.start()
	if revision := <-committed; revision != 2 {
		t.Error(revision)
	}
	if again := mustCommit(t, client, request); !again.Replayed {
		t.Error(again)
	}
}

func TestADeadlineHoldsWhileNobodyAnswers(t *testing.T) {
	server := startServer(t)
	server.stop(syscall.SIGKILL)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	_, err := server.client().Get(ctx, "actors/a")
	var e *Error
	if !errors.As(err, &e) || e.Code() != codes.Unavailable && e.Code() != codes.DeadlineExceeded {
		t.Error(err)
	}
}

func TestSeesEveryChangeOnceOverRestarts(t *testing.T) {
	ctx := context.Background()
	server := startServer(t)
	client := server.client()
	request := fromStart()
	request.CheckpointInterval = durationpb.New(time.Second)
	watch := client.Watch(ctx, request)
	defer watch.Close()
	var seen []string
	tokens := map[int64]string{}
	for restart, how := range []syscall.Signal{0, syscall.SIGKILL, syscall.SIGTERM} {
		if how != 0 {
			server.stop(how)
			server.start()
		}
		for i := 3 * restart; i < 3*restart+3; i++ {
			commitActors(t, client, i, i+1)
			for watch.Stats().ThroughRevision <= int64(i) {
				response := mustNext(t, watch)
				seen = append(seen, namesOf(response)...)
				tokens[response.ThroughRevision] = response.ResumeToken
				if watch.ResumeToken() != response.ResumeToken {
					t.Error("the token is not that of the response")
				}
			}
		}
	}
	if !slices.Equal(seen, actorNames(0, 9)) {
		t.Error(seen)
	}
	stats := watch.Stats()
	if stats.ReconnectCount < 2 || stats.BrokenChainCount != 0 || stats.RepeatCount != 0 {
		t.Errorf("%+v", stats)
	}
	for {
		response := mustNext(t, watch)
		if slices.Contains(response.Marks, v1.WatchMark_WATCH_MARK_CHECKPOINT) && response.HeadRevision != 0 {
			break
		}
	}
	if head := watch.Stats().HeadRevision; head != 9 {
		t.Error(head)
	}

	// Another process, with a token that was stored before both restarts.
	resume := resumeFrom(tokens[2])
	resume.Until = &v1.WatchRequest_UntilHead{UntilHead: true}
	var rest []string
	for response, err := range server.client().Watch(ctx, resume).All() {
		if err != nil {
			t.Fatal(err)
		}
		rest = append(rest, namesOf(response)...)
	}
	if !slices.Equal(rest, actorNames(2, 9)) {
		t.Error(rest)
	}
}

func TestASnapshotAndWhatFollows(t *testing.T) {
	client := startServer(t).client()
	commitActors(t, client, 0, 3)
	watch := client.Watch(context.Background(), &v1.WatchRequest{Start: &v1.WatchRequest_Snapshot{Snapshot: true}})
	defer watch.Close()
	var seen []string
	for ended := false; !ended; {
		response := mustNext(t, watch)
		seen = append(seen, namesOf(response)...)
		ended = slices.Contains(response.Marks, v1.WatchMark_WATCH_MARK_SNAPSHOT_END)
	}
	if !slices.Equal(seen, actorNames(0, 3)) || watch.Stats().ThroughRevision != 3 {
		t.Errorf("%v, %+v", seen, watch.Stats())
	}
	commitActors(t, client, 3, 4)
	for {
		if response := mustNext(t, watch); len(response.Changes) > 0 {
			if !slices.Equal(namesOf(response), actorNames(3, 4)) {
				t.Error(response)
			}
			break
		}
	}
}

func TestAnExpiredTokenSaysWhatIsHeld(t *testing.T) {
	ctx := context.Background()
	client := startServer(t).client()
	for i := range 5 {
		mustCommit(t, client, actor("a", fmt.Sprint("Person ", i)))
	}
	begin := fromStart()
	begin.Until = &v1.WatchRequest_UntilRevision{UntilRevision: 2}
	old := client.Watch(ctx, begin)
	if _, err := readAll(old); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Admin.TrimJournal(ctx, &v1.TrimJournalRequest{Revision: 4}); err != nil {
		t.Fatal(err)
	}
	watch := client.Watch(ctx, resumeFrom(old.ResumeToken()))
	_, err := watch.Next()
	var expired *ExpiredError
	if !errors.As(err, &expired) {
		t.Fatal(err)
	}
	if expired.OldestRevision != 4 || expired.Err.Reason != "RESUME_TOKEN_EXPIRED" || expired.Err.Code() != codes.OutOfRange {
		t.Errorf("%+v", expired)
	}
	if watch.Stats().ReconnectCount != 0 {
		t.Errorf("%+v", watch.Stats())
	}
}

func TestWhatCannotHealEndsItAtOnce(t *testing.T) {
	ctx := context.Background()
	client := startServer(t).client()
	watch := client.Watch(ctx, &v1.WatchRequest{Filter: "((("})
	if _, err := watch.Next(); reasonOf(err) != "INVALID_FILTER" || watch.Stats().ReconnectCount != 0 {
		t.Errorf("%v, %+v", err, watch.Stats())
	}
	mustCommit(t, client, actor("a", "A"))
	begin := fromStart()
	begin.Until = &v1.WatchRequest_UntilHead{UntilHead: true}
	all := client.Watch(ctx, begin)
	if _, err := readAll(all); err != nil {
		t.Fatal(err)
	}
	request := resumeFrom(all.ResumeToken())
	request.Filter = `kind = "summit"`
	_, err := client.Watch(ctx, request).Next()
	var refused *TokenRefusedError
	if !errors.As(err, &refused) {
		t.Error(err)
	}
}

func TestCloseAndTheContextEndWhatWaits(t *testing.T) {
	client := startServer(t).client()
	ctx, cancel := context.WithCancel(context.Background())
	for _, end := range []func(*Watch){(*Watch).Close, func(*Watch) { cancel() }} {
		watch := client.Watch(ctx, nil)
		mustNext(t, watch) // The checkpoint that says where now is.
		time.AfterFunc(0, func() { end(watch) })
		var err error
		for err == nil {
			_, err = watch.Next()
		}
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
}

func TestASnapshotOfThePastGoesOnAfterARestart(t *testing.T) {
	server := startServer(t)
	client := server.client()
	commitActors(t, client, 0, 3)
	scope := &v1.ReadScope{KnownAt: &v1.ReadScope_KnownRevision{KnownRevision: 2}}
	request := &v1.WatchRequest{Start: &v1.WatchRequest_Snapshot{Snapshot: true}, Scope: scope}
	watch := client.Watch(context.Background(), request)
	defer watch.Close()
	var seen []string
	for watch.Stats().ThroughRevision < 3 {
		seen = append(seen, namesOf(mustNext(t, watch))...)
	}
	server.stop(syscall.SIGKILL)
	server.start()
	commitActors(t, client, 3, 4)
	for watch.Stats().ThroughRevision < 4 {
		seen = append(seen, namesOf(mustNext(t, watch))...)
	}
	if !slices.Equal(seen, actorNames(0, 4)) || watch.Stats().ReconnectCount == 0 {
		t.Errorf("%v, %+v", seen, watch.Stats())
	}
	if scope.GetKnownRevision() != 2 {
		t.Error("the caller's request was changed")
	}
}

func TestUntilHeadIsTheFirstHeadAfterARestart(t *testing.T) {
	server := startServer(t)
	client := server.client()
	// More than is on its way at a time, so that the restart cuts it.
	const count = 80
	for i := range count {
		request := actor(fmt.Sprint("a", i), "Person")
		request.Mutations[0].GetPut().GetActor().Description = strings.Repeat("word ", 80_000)
		mustCommit(t, client, request)
	}
	request := fromStart()
	request.Until = &v1.WatchRequest_UntilHead{UntilHead: true}
	watch := client.Watch(context.Background(), request)
	mustNext(t, watch)
	server.stop(syscall.SIGKILL)
	server.start()
	commitActors(t, client, count, count+1)
	if _, err := readAll(watch); err != nil {
		t.Error(err)
	}
	if stats := watch.Stats(); stats.ThroughRevision != count || stats.ReconnectCount == 0 {
		t.Errorf("%+v", stats)
	}
}

func TestTheClientsEndEndsItsWatches(t *testing.T) {
	client := startServer(t).client()
	watch := client.Watch(context.Background(), nil)
	mustNext(t, watch) // The checkpoint that says where now is.
	ended := make(chan error)
	go func() {
		_, err := readAll(watch)
		ended <- err
	}()
	time.Sleep(100 * time.Millisecond) // So that it waits.
	client.Close()
	client.Close()
	select {
	case err := <-ended:
		var e *Error
		if !errors.Is(err, ErrClosed) || !errors.As(err, &e) || e.Code() != codes.Canceled {
			t.Error(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the watch goes on")
	}
	if _, err := watch.Next(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := client.Watch(context.Background(), nil).Next(); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := client.Get(context.Background(), "actors/a"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
