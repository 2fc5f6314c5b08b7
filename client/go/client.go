// Package communique is the client of Communiqué, an event-data service for diplomacy. The messages
// are in package v1.
package communique

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	v1 "communique.example/client/v1"
	"google.golang.org/grpc"
	grpcbackoff "google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

const (
	version = "0.1.0"
	// The largest answer taken: a page of 1,000 records has no smaller bound of its own.
	maxReceiveBytes = 256 << 20
	// The longest a unary call takes whose context has no deadline.
	defaultTimeout = 30 * time.Second
)

// Options are of NewClient. All may be left out.
type Options struct {
	// Endpoint is HOST:PORT or any target of gRPC ("dns:///HOST:PORT", every address of which is
	// used). Default: 127.0.0.1:7400.
	Endpoint string
	// AdminEndpoint is the operator's listener. Default: 127.0.0.1:7401.
	AdminEndpoint string
	// Principal is who calls.
	Principal string
	// Timeout is the longest a unary call may take, its retries included, when its context has no
	// deadline. Default: 30 s.
	Timeout time.Duration
	Retry   Retry
	// Credentials turns TLS on.
	Credentials credentials.TransportCredentials
	// DialOptions come after those of this package; for instance grpc.WithPerRPCCredentials.
	DialOptions []grpc.DialOption
}

// Client reads, writes and watches. It may be used from any goroutine.
//
// What has no method of its own is called through the generated clients, which have the same
// deadlines, retries and errors. Retried are UNAVAILABLE, which says that the server did not take the
// call, or that a repeat is safe, and a RESOURCE_EXHAUSTED that says when to come again (a full queue);
// other limits are not.
//
// Errors are *Error, or wrap one (ExpiredError, TokenRefusedError); status.Code understands them too.
type Client struct {
	Catalog   v1.CatalogServiceClient
	Publish   v1.PublishServiceClient
	Feed      v1.FeedServiceClient
	Screening v1.ScreeningServiceClient
	Admin     v1.AdminServiceClient

	options     Options
	connections []*grpc.ClientConn
	closing     sync.Once
	closed      chan struct{}
}

// NewClient makes a client; it connects with the first call. Close it.
func NewClient(options Options) (*Client, error) {
	if options.Endpoint == "" {
		options.Endpoint = "127.0.0.1:7400"
	}
	if options.AdminEndpoint == "" {
		options.AdminEndpoint = "127.0.0.1:7401"
	}
	if options.Timeout <= 0 {
		options.Timeout = defaultTimeout
	}
	c := &Client{options: options, closed: make(chan struct{})}
	for _, endpoint := range []string{options.Endpoint, options.AdminEndpoint} {
		connection, err := grpc.NewClient(endpoint, c.dialOptions()...)
		if err != nil {
			c.Close()
			return nil, err
		}
		c.connections = append(c.connections, connection)
	}
	c.Catalog = v1.NewCatalogServiceClient(c.connections[0])
	c.Publish = v1.NewPublishServiceClient(c.connections[0])
	c.Feed = v1.NewFeedServiceClient(c.connections[0])
	c.Screening = v1.NewScreeningServiceClient(c.connections[0])
	c.Admin = v1.NewAdminServiceClient(c.connections[1])
	return c, nil
}

// Close ends all unary calls and watches, with ErrClosed; streams of the generated clients as gRPC does.
func (c *Client) Close() {
	c.closing.Do(func() {
		close(c.closed) // First: what the connections' end cuts is not to be opened again.
		for _, connection := range c.connections {
			connection.Close()
		}
	})
}

func (c *Client) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *Client) dialOptions() []grpc.DialOption {
	transport := c.options.Credentials
	if transport == nil {
		transport = insecure.NewCredentials()
	}
	return append([]grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithUserAgent("communique-go/" + version),
		grpc.WithDisableRetry(), // One retry loop, ours.
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReceiveBytes)),
		// A silent connection is probed; the service accepts a probe each 30 s.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		// gRPC's own back-off would grow to two minutes, in which every call would fail.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: grpcbackoff.Config{
				BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second,
			},
			MinConnectTimeout: 10 * time.Second,
		}),
		grpc.WithUnaryInterceptor(c.unary),
		grpc.WithStreamInterceptor(c.streaming),
	}, c.options.DialOptions...)
}

// unary gives each call a deadline, retries and typed errors.
func (c *Client) unary(ctx context.Context, method string, request, response any,
	connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	if _, ok := ctx.Deadline(); !ok {
		limited, cancel := context.WithTimeout(ctx, c.options.Timeout)
		defer cancel()
		ctx = limited
	}
	deadline, _ := ctx.Deadline()
	waits := newBackoff(c.options.Retry)
	for {
		err := errorOf(invoke(c.outgoing(ctx), method, request, response, connection, options...))
		if err != nil && c.isClosed() && wasCut(ctx, err) {
			return ErrClosed
		}
		if !isRetryable(err) || c.options.Retry.Disabled {
			return err
		}
		delay := waits.next(err)
		if time.Until(deadline) <= delay {
			return err
		}
		if !sleep(ctx, c.closed, delay) {
			if c.isClosed() {
				return ErrClosed
			}
			return err
		}
	}
}

// wasCut says whether the end of the connection may be why a call failed.
func wasCut(ctx context.Context, err error) bool {
	var e *Error
	return ctx.Err() == nil && errors.As(err, &e) && (e.Code() == codes.Canceled || e.Code() == codes.Unavailable)
}

func (c *Client) streaming(ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn,
	method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	return open(c.outgoing(ctx), description, connection, method, options...)
}

func (c *Client) outgoing(ctx context.Context) context.Context {
	if c.options.Principal == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "communique-principal", c.options.Principal)
}

// ReadOptions are of Get and List.
type ReadOptions struct {
	// Scope is as of which knowledge, at which date; nil: everything known now.
	Scope *v1.ReadScope
	// ReadMask names the fields to answer ("summit.title"); empty: all.
	ReadMask []string
}

func (o ReadOptions) mask() *fieldmaskpb.FieldMask {
	if len(o.ReadMask) == 0 {
		return nil
	}
	return &fieldmaskpb.FieldMask{Paths: o.ReadMask}
}

// Get reads one record by its name ("summits/kim-putin-2023").
func (c *Client) Get(ctx context.Context, name string, options ...ReadOptions) (*v1.Record, error) {
	var o ReadOptions
	if len(options) > 0 {
		o = options[0]
	}
	collection, _, _ := strings.Cut(name, "/")
	switch collection {
	case "summits":
		return c.Catalog.GetSummit(ctx, &v1.GetSummitRequest{Name: name, Scope: o.Scope, ReadMask: o.mask()})
	case "sanctions":
		return c.Catalog.GetSanction(ctx, &v1.GetSanctionRequest{Name: name, Scope: o.Scope, ReadMask: o.mask()})
	case "statements":
		return c.Catalog.GetStatement(ctx, &v1.GetStatementRequest{Name: name, Scope: o.Scope, ReadMask: o.mask()})
	case "actors":
		return c.Catalog.GetActor(ctx, &v1.GetActorRequest{Name: name, Scope: o.Scope, ReadMask: o.mask()})
	case "sources":
		return c.Catalog.GetSource(ctx, &v1.GetSourceRequest{Name: name, Scope: o.Scope, ReadMask: o.mask()})
	}
	return nil, noSuchCollection(collection)
}

// ListOptions are of List.
type ListOptions struct {
	ReadOptions
	// Filter (AIP-160); empty: all.
	Filter string
	// OrderBy (AIP-132); empty: by name.
	OrderBy string
	// PageSize is how many records a page has, 1 to 1,000; 0: the server's default.
	PageSize int32
}

// List iterates over the records of a collection ("summits") that match, fetched page by page as they
// are walked, all of the revision of the first page. An error is the last pair.
func (c *Client) List(ctx context.Context, collection string, options ...ListOptions) iter.Seq2[*v1.Record, error] {
	var o ListOptions
	if len(options) > 0 {
		o = options[0]
	}
	return func(yield func(*v1.Record, error) bool) {
		for token := ""; ; {
			records, next, err := c.page(ctx, collection, o, token)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, record := range records {
				if !yield(record, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			token = next
		}
	}
}

func (c *Client) page(ctx context.Context, collection string, o ListOptions, token string) ([]*v1.Record, string, error) {
	switch collection {
	case "summits":
		page, err := c.Catalog.ListSummits(ctx, &v1.ListSummitsRequest{
			PageSize: o.PageSize, PageToken: token, Filter: o.Filter, OrderBy: o.OrderBy, Scope: o.Scope, ReadMask: o.mask()})
		return page.GetSummits(), page.GetNextPageToken(), err
	case "sanctions":
		page, err := c.Catalog.ListSanctions(ctx, &v1.ListSanctionsRequest{
			PageSize: o.PageSize, PageToken: token, Filter: o.Filter, OrderBy: o.OrderBy, Scope: o.Scope, ReadMask: o.mask()})
		return page.GetSanctions(), page.GetNextPageToken(), err
	case "statements":
		page, err := c.Catalog.ListStatements(ctx, &v1.ListStatementsRequest{
			PageSize: o.PageSize, PageToken: token, Filter: o.Filter, OrderBy: o.OrderBy, Scope: o.Scope, ReadMask: o.mask()})
		return page.GetStatements(), page.GetNextPageToken(), err
	case "actors":
		page, err := c.Catalog.ListActors(ctx, &v1.ListActorsRequest{
			PageSize: o.PageSize, PageToken: token, Filter: o.Filter, OrderBy: o.OrderBy, Scope: o.Scope, ReadMask: o.mask()})
		return page.GetActors(), page.GetNextPageToken(), err
	case "sources":
		page, err := c.Catalog.ListSources(ctx, &v1.ListSourcesRequest{
			PageSize: o.PageSize, PageToken: token, Filter: o.Filter, OrderBy: o.OrderBy, Scope: o.Scope, ReadMask: o.mask()})
		return page.GetSources(), page.GetNextPageToken(), err
	}
	return nil, "", noSuchCollection(collection)
}

// Commit applies the mutations of the request as one revision. An empty request id is filled once, in
// a copy, and kept over the retries, so that they are safe; to repeat safely after this process has
// died, give one that follows from the work.
func (c *Client) Commit(ctx context.Context, request *v1.CommitRequest) (*v1.CommitResponse, error) {
	if request.GetRequestId() == "" {
		request = proto.Clone(request).(*v1.CommitRequest)
		request.RequestId = newRequestID()
	}
	return c.Publish.Commit(ctx, request)
}

// newRequestID makes a random id of the form that CommitRequest asks for.
func newRequestID() string {
	var id [16]byte
	rand.Read(id[:])
	return fmt.Sprintf("%x", id)
}

func noSuchCollection(collection string) error {
	return newError(codes.InvalidArgument, "no collection of records: %q", collection)
}
