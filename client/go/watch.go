package communique

import (
	"context"
	"io"
	"iter"
	"sync/atomic"
	"time"

	v1 "communique.example/client/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

const (
	// The checkpoint interval of a request that names none (feed.proto).
	defaultCheckpointInterval = 10 * time.Second
	// What a stream may take until its first response, at the least: it may have to connect.
	openSilence = 15 * time.Second
	// A stream that stood this long counts as progress, whatever it carried.
	standingStream = 10 * time.Second
	// A server that breaks the chain this often in a row will do so for ever.
	maxBrokenChains = 5
)

// maxSilence is 2.5 checkpoint intervals: a stream that is silent for longer is lost.
func maxSilence(request *v1.WatchRequest) time.Duration {
	interval := defaultCheckpointInterval
	if request.CheckpointInterval != nil {
		interval = request.CheckpointInterval.AsDuration()
	}
	return interval * 5 / 2
}

// WatchOptions are of Client.Watch.
type WatchOptions struct {
	// OpenTimeout is how long to try until the first response; then Next returns the last error. Once
	// there was a response, a watch reconnects for ever. 0: no limit.
	OpenTimeout time.Duration
}

// WatchStats says how a watch fares.
type WatchStats struct {
	// LastFault is why the last stream was lost; nil before the first loss.
	LastFault      error
	ReconnectCount int
	// BrokenChainCount is how often a response did not fit to the one before it.
	BrokenChainCount int
	// RepeatCount is how many responses were dropped since they had been handed out before.
	RepeatCount int
	// ThroughRevision: everything up to it was handed out; 0 before the first response.
	ThroughRevision int64
	// HeadRevision is the head of the journal as of the last checkpoint.
	HeadRevision int64
}

// Watch is a stream of changes that heals itself; Client.Watch makes it.
//
//	watch := client.Watch(ctx, &v1.WatchRequest{Start: &v1.WatchRequest_ResumeToken{ResumeToken: token}})
//	defer watch.Close()
//	for {
//		response, err := watch.Next()
//		if err == io.EOF { break }      // the end of the request was reached
//		if err != nil { return err }    // cannot go on
//		handle(response)
//		store(response.ResumeToken)     // only now
//	}
//
// When a stream is lost or falls silent, Next reconnects with the token of the last response it
// handed out, for ever, with back-off. It checks that the responses chain, within a stream and over
// reconnects: a gap is never handed out. What cannot heal ends the watch at once: ExpiredError,
// TokenRefusedError, BrokenChainError (five broken chains in a row), or another Error of the request;
// after the context's end its error, after Client.Close ErrClosed. The first error is returned again by
// each later Next.
//
// A stream that ends well before the end of the request is a lost one, too. UntilHead is the head as it
// was when the first stream opened, also after reconnects.
//
// After an ExpiredError begin with a snapshot, and remove what it lacks: what was deleted meanwhile is
// not told. A held record that no piece up to WATCH_MARK_SNAPSHOT_END carries is gone.
//
// One goroutine at a time may use a Watch; its context, Close and Client.Close may end it from any.
type Watch struct {
	client *Client
	ctx    context.Context
	cancel context.CancelFunc
	open   func(context.Context, *v1.WatchRequest) (v1.FeedService_WatchClient, error)

	request      *v1.WatchRequest
	options      WatchOptions
	retry        Retry
	chain        *watchChain
	backoff      *backoff
	stream       *watchStream
	end          error
	stats        WatchStats
	openingSince time.Time
	answered     bool
	brokenInARow int
}

// watchStream is one stream. A timer ends it when a read waits too long.
type watchStream struct {
	v1.FeedService_WatchClient
	cancel     context.CancelFunc
	openedAt   time.Time
	maxSilence time.Duration
	first      bool
	silent     atomic.Bool
}

func (s *watchStream) read() (*v1.WatchResponse, error) {
	limit := s.maxSilence
	if s.first {
		limit = max(limit, openSilence)
	}
	timer := time.AfterFunc(limit, func() {
		s.silent.Store(true)
		s.cancel()
	})
	defer timer.Stop()
	response, err := s.Recv()
	s.first = false
	return response, err
}

// Next waits for the next response; io.EOF when the end of the request was reached.
func (w *Watch) Next() (*v1.WatchResponse, error) {
	if w.end != nil {
		return nil, w.end
	}
	if w.openingSince.IsZero() {
		w.openingSince = time.Now()
	}
	for {
		if err := w.ended(); err != nil {
			return nil, w.endWith(err)
		}
		response, err := w.read()
		wasBroken := false
		if err == nil {
			switch w.take(response) {
			case next:
				return response, nil
			case repeat:
				continue
			case broken:
				wasBroken = true
				err = &BrokenChainError{Err: newError(codes.DataLoss, "the chain of responses broke: %s", w.chain.problem)}
			}
		}
		if err = w.recover(err, wasBroken); err != nil {
			return nil, w.endWith(err)
		}
	}
}

func (w *Watch) endWith(err error) error {
	w.end = err
	w.cancel()
	return err
}

// ended is why the watch is over when its user ended it; nil while not.
func (w *Watch) ended() error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.client.isClosed() {
		return ErrClosed
	}
	return nil
}

// All iterates over Next until the end of the request, or to an error, which is its last pair.
func (w *Watch) All() iter.Seq2[*v1.WatchResponse, error] {
	return func(yield func(*v1.WatchResponse, error) bool) {
		for {
			response, err := w.Next()
			if err == io.EOF || !yield(response, err) || err != nil {
				return
			}
		}
	}
}

// ResumeToken is the token of the last response handed out; before it, the one of the request. Store
// it when what the response carried is dealt with.
func (w *Watch) ResumeToken() string { return w.request.GetResumeToken() }

// Stats says how the watch fares.
func (w *Watch) Stats() WatchStats { return w.stats }

// Close ends the watch; a Next that waits returns context.Canceled.
func (w *Watch) Close() { w.cancel() }

func (w *Watch) read() (*v1.WatchResponse, error) {
	if w.stream == nil {
		ctx, cancel := context.WithCancel(w.ctx)
		stream, err := w.open(ctx, w.request)
		w.stream = &watchStream{
			FeedService_WatchClient: stream,
			cancel:                  cancel,
			openedAt:                time.Now(),
			maxSilence:              maxSilence(w.request),
			first:                   true,
		}
		if err != nil {
			return nil, errorOf(err)
		}
	}
	response, err := w.stream.read()
	if err != nil && err != io.EOF && w.stream.silent.Load() {
		return nil, newError(codes.Unavailable, "the stream was silent for %v", w.stream.maxSilence)
	}
	if err == io.EOF && !w.reached() {
		return nil, newError(codes.Unavailable, "the stream ended before the end of the request")
	}
	return response, errorOf(err)
}

// reached says whether a stream that ended well is the end of the request: a proxy may end one, too.
func (w *Watch) reached() bool {
	switch until := w.request.Until.(type) {
	case *v1.WatchRequest_UntilRevision:
		return w.answered && w.chain.throughRevision() >= until.UntilRevision
	case *v1.WatchRequest_UntilHead:
		return w.answered
	}
	return false
}

// take checks a response and, when it fits, moves on to it.
func (w *Watch) take(response *v1.WatchResponse) verdict {
	verdict := w.chain.take(response)
	switch verdict {
	case repeat:
		w.stats.RepeatCount++
		return verdict
	case broken:
		w.stats.BrokenChainCount++
		w.brokenInARow++
		return verdict
	}
	w.stats.ThroughRevision = w.chain.throughRevision()
	if response.HeadRevision != 0 {
		w.stats.HeadRevision = response.HeadRevision
	}
	if response.ResumeToken != "" {
		w.request.Start = &v1.WatchRequest_ResumeToken{ResumeToken: response.ResumeToken}
		if w.request.Scope != nil {
			w.request.Scope.KnownAt = nil // The token remembers it.
		}
	}
	// The head when the first stream opened, not when the next one does.
	if w.request.GetUntilHead() && response.UntilRevision != 0 {
		w.request.Until = &v1.WatchRequest_UntilRevision{UntilRevision: response.UntilRevision}
	}
	w.answered = true
	if w.chain.moved {
		w.progress()
	}
	return verdict
}

func (w *Watch) progress() {
	w.backoff.reset()
	w.brokenInARow = 0
}

// recover, after a fault, waits for the next attempt, or returns why there is none.
func (w *Watch) recover(fault error, wasBroken bool) error {
	stood := time.Since(w.stream.openedAt)
	w.stream.cancel()
	w.stream = nil
	if fault == io.EOF {
		return fault
	}
	if err := w.ended(); err != nil {
		return err
	}
	w.stats.LastFault = fault
	if w.retry.Disabled {
		return fault
	}
	if wasBroken && w.brokenInARow >= maxBrokenChains || !wasBroken && !isTransient(fault) {
		return fault
	}
	if w.answered && !wasBroken && stood > standingStream {
		w.progress()
	}
	delay := w.backoff.next(fault)
	if timeout := w.options.OpenTimeout; !w.answered && timeout > 0 {
		if time.Since(w.openingSince)+delay > timeout {
			return fault
		}
	}
	w.stats.ReconnectCount++
	sleep(w.ctx, w.client.closed, delay)
	return w.ended()
}

// Watch follows the changes from where the request starts; a nil request is everything from now on.
// The watch ends with the context, and with the client.
func (c *Client) Watch(ctx context.Context, request *v1.WatchRequest, options ...WatchOptions) *Watch {
	ctx, cancel := context.WithCancel(ctx)
	w := &Watch{client: c, ctx: ctx, cancel: cancel, retry: c.options.Retry, backoff: newBackoff(c.options.Retry)}
	if len(options) > 0 {
		w.options = options[0]
	}
	w.request = &v1.WatchRequest{}
	if request != nil {
		w.request = proto.Clone(request).(*v1.WatchRequest)
	}
	w.chain = newWatchChain(w.request)
	w.open = func(ctx context.Context, request *v1.WatchRequest) (v1.FeedService_WatchClient, error) {
		return c.Feed.Watch(ctx, request)
	}
	return w
}
