package communique

import (
	"fmt"
	"slices"

	v1 "communique.example/client/v1"
)

type verdict int

const (
	next   verdict = iota // Fits; it is now the last one.
	repeat                // Was handed out before: drop it.
	broken                // A gap or a contradiction; see problem.
)

// watchChain proves that a watch misses nothing: each response begins where the one handed out
// before it ended. Pieces of a snapshot chain by name, all else by revision. It lives on over
// reconnects, since a token resumes after its response. A token or `now` says nothing about where it
// stands: there the first response is taken as it is.
type watchChain struct {
	problem string
	moved   bool // Whether the last response that was taken moved the position.

	// Where the feed stands; nil while not known.
	through       *int64
	inSnapshot    bool
	maybeSnapshot bool // A token may stand within a snapshot.
	// Where a snapshot stands; nil while not known, and outside of one.
	snapshotRevision *int64
	throughName      *string
}

func newWatchChain(request *v1.WatchRequest) *watchChain {
	c := &watchChain{}
	switch start := request.GetStart().(type) {
	case *v1.WatchRequest_StartRevision:
		c.through = &start.StartRevision
	case *v1.WatchRequest_Snapshot:
		c.inSnapshot = start.Snapshot
		c.throughName = new(string)
	case *v1.WatchRequest_ResumeToken:
		c.maybeSnapshot = true
	}
	return c
}

func (c *watchChain) throughRevision() int64 {
	if c.through == nil {
		return 0
	}
	return *c.through
}

func (c *watchChain) take(response *v1.WatchResponse) verdict {
	if response.Snapshot != nil {
		return c.takePiece(response)
	}
	if c.inSnapshot {
		if response.FromRevision == 0 && response.ThroughRevision == 0 &&
			len(response.Changes) == 0 && len(response.LeftRecords) == 0 {
			c.moved = false // A sign of life between two pieces.
			return next
		}
		return c.breaks("changes came before the snapshot's end")
	}
	return c.takeChanges(response)
}

func (c *watchChain) takePiece(response *v1.WatchResponse) verdict {
	piece := response.Snapshot
	if !c.inSnapshot && !c.maybeSnapshot {
		return c.breaks("a piece of a snapshot came among changes")
	}
	if c.snapshotRevision != nil && piece.Revision != *c.snapshotRevision {
		return c.breaks("a snapshot at revision %d went on at revision %d", *c.snapshotRevision, piece.Revision)
	}
	if c.throughName != nil && piece.FromName != *c.throughName {
		if piece.ThroughName != "" && piece.ThroughName <= *c.throughName {
			return repeat
		}
		return c.breaks("a snapshot that stood at %q went on at %q", *c.throughName, piece.FromName)
	}
	for _, change := range response.Changes {
		if change.Revision > piece.Revision {
			return c.breaks("%s of revision %d in a snapshot at revision %d", change.Name, change.Revision, piece.Revision)
		}
	}
	last := slices.Contains(response.Marks, v1.WatchMark_WATCH_MARK_SNAPSHOT_END)
	if last && response.ThroughRevision != piece.Revision {
		return c.breaks("a snapshot at revision %d ended at revision %d", piece.Revision, response.ThroughRevision)
	}
	c.maybeSnapshot = false
	c.inSnapshot = !last
	if last {
		c.through, c.snapshotRevision, c.throughName = &piece.Revision, nil, nil
	} else {
		c.snapshotRevision, c.throughName = &piece.Revision, &piece.ThroughName
	}
	c.moved = true
	return next
}

func (c *watchChain) takeChanges(response *v1.WatchResponse) verdict {
	from, through := response.FromRevision, response.ThroughRevision
	if through < from {
		return c.breaks("a response from revision %d through %d", from, through)
	}
	if c.through != nil && from != *c.through {
		if from < *c.through && through <= *c.through {
			return repeat
		}
		return c.breaks("a watch that stood at revision %d went on at revision %d", *c.through, from)
	}
	previous := from + 1
	for _, change := range response.Changes {
		if change.Revision < previous || change.Revision > through {
			return c.breaks("revision %d out of its place in a response from revision %d through %d",
				change.Revision, from, through)
		}
		previous = change.Revision
	}
	c.maybeSnapshot = false
	c.moved = c.through == nil || through > *c.through
	c.through = &through
	return next
}

func (c *watchChain) breaks(format string, arguments ...any) verdict {
	c.problem = fmt.Sprintf(format, arguments...)
	return broken
}
