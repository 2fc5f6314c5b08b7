package communique

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	v1 "communique.example/client/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// A port may be taken for a moment, by a connection of another program.
const startAttempts = 5

func actor(name, displayName string) *v1.CommitRequest {
	body := &v1.Actor{Type: v1.ActorType_ACTOR_TYPE_PERSON, DisplayName: displayName}
	record := &v1.Record{Name: "actors/" + name, Kind: &v1.Record_Actor{Actor: body}}
	return &v1.CommitRequest{Mutations: []*v1.Mutation{{Operation: &v1.Mutation_Put{Put: record}}}}
}

// server is the program that COMMUNIQUED names, on free ports of loopback.
type server struct {
	t                       *testing.T
	folder                  string
	endpoint, adminEndpoint string
	command                 *exec.Cmd
}

func startServer(t *testing.T) *server {
	s := &server{t: t, folder: t.TempDir(), endpoint: "127.0.0.1:0", adminEndpoint: "127.0.0.1:0"}
	s.start()
	t.Cleanup(func() { s.stop(syscall.SIGKILL) })
	return s
}

func (s *server) start() {
	for range startAttempts {
		if s.startOnce() {
			return
		}
	}
	s.t.Fatal("communiqued did not get ready")
}

func (s *server) startOnce() bool {
	s.command = exec.Command(os.Getenv("COMMUNIQUED"), "--data_dir="+s.folder, "--listen="+s.endpoint,
		"--admin_listen="+s.adminEndpoint, "--drain_pause=0s")
	stderr, err := s.command.StderrPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	log := bufio.NewReader(stderr)
	for {
		line, err := log.ReadBytes('\n')
		if err != nil {
			s.command.Wait()
			return false
		}
		var fields struct {
			Event       string
			Listen      string
			AdminListen string `json:"admin_listen"`
		}
		if json.Unmarshal(line, &fields) == nil && fields.Event == "ready" {
			s.endpoint, s.adminEndpoint = fields.Listen, fields.AdminListen
			go io.Copy(io.Discard, log) // So that the server never waits for a full pipe.
			return true
		}
	}
}

func (s *server) stop(how syscall.Signal) {
	s.command.Process.Signal(how)
	s.command.Wait()
}

func (s *server) client() *Client {
	return newTestClient(s.t, Options{Endpoint: s.endpoint, AdminEndpoint: s.adminEndpoint, Principal: "tests"})
}

func newTestClient(t *testing.T, options Options) *Client {
	t.Helper()
	client, err := NewClient(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// answer is a response, or an error, or a wait for the end of the test.
type answer struct {
	response *v1.WatchResponse
	err      error
	silence  bool
}

// fakeServer says what it is told to: one list of answers for each watch, in their order.
type fakeServer struct {
	v1.UnimplementedFeedServiceServer
	v1.UnimplementedPublishServiceServer

	endpoint      string
	streams       [][]answer
	commitAnswers []error // nil: revision 7.

	mutex          sync.Mutex
	watchRequests  []*v1.WatchRequest
	commitRequests []*v1.CommitRequest
}

func startFake(t *testing.T, streams ...[]answer) *fakeServer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeServer{endpoint: listener.Addr().String(), streams: streams}
	s := grpc.NewServer()
	v1.RegisterFeedServiceServer(s, f)
	v1.RegisterPublishServiceServer(s, f)
	go s.Serve(listener)
	t.Cleanup(s.Stop)
	return f
}

func (f *fakeServer) Watch(request *v1.WatchRequest, stream v1.FeedService_WatchServer) error {
	f.mutex.Lock()
	f.watchRequests = append(f.watchRequests, request)
	number := len(f.watchRequests)
	f.mutex.Unlock()
	if number > len(f.streams) {
		return failure(codes.FailedPrecondition, "NO_MORE_STREAMS", nil)
	}
	for _, a := range f.streams[number-1] {
		if a.silence {
			<-stream.Context().Done()
			return stream.Context().Err()
		}
		if a.err != nil {
			return a.err
		}
		if err := stream.Send(a.response); err != nil {
			return err
		}
	}
	return nil
}

func (f *fakeServer) Commit(_ context.Context, request *v1.CommitRequest) (*v1.CommitResponse, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.commitRequests = append(f.commitRequests, request)
	if number := len(f.commitRequests); number > len(f.commitAnswers) {
		return nil, failure(codes.FailedPrecondition, "NO_MORE_COMMITS", nil)
	} else if err := f.commitAnswers[number-1]; err != nil {
		return nil, err
	}
	return &v1.CommitResponse{Revision: 7}, nil
}

// tokens are those that the watches came with.
func (f *fakeServer) tokens() []string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var tokens []string
	for _, request := range f.watchRequests {
		tokens = append(tokens, request.GetResumeToken())
	}
	return tokens
}

func (f *fakeServer) client(t *testing.T) *Client {
	retry := Retry{InitialBackoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond}
	return newTestClient(t, Options{Endpoint: f.endpoint, Retry: retry})
}

func failure(code codes.Code, reason string, metadata map[string]string) error {
	s := status.New(code, reason+" by hand")
	if reason != "" {
		s, _ = s.WithDetails(&errdetails.ErrorInfo{Domain: "communique", Reason: reason, Metadata: metadata})
	}
	return s.Err()
}

// busy is a server that has too much to do just now and asks to wait.
func busy(delay time.Duration) error {
	s, _ := status.Convert(failure(codes.ResourceExhausted, "CALL_LIMIT", nil)).WithDetails(
		&errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	return s.Err()
}

// reasonOf is the reason of an error; "OK" when there is none.
func reasonOf(err error) string {
	var e *Error
	if err == nil {
		return "OK"
	}
	if !errors.As(err, &e) {
		return err.Error()
	}
	return e.Reason
}
