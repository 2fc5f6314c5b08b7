import { WatchMark, type WatchRequest, type WatchResponse, type SnapshotPiece } from "./gen/communique/v1/feed_pb.js";

/**
 * next: fits; it is now the last one. repeat: was handed out before, drop it. broken: a gap or a
 * contradiction; see `problem`.
 */
export type Verdict = "next" | "repeat" | "broken";

/**
 * Proves that a watch misses nothing: each response begins where the one handed out before it ended.
 * Pieces of a snapshot chain by name, all else by revision. Lives on over reconnects, since a token
 * resumes after its response. A token or `now` says nothing about where it stands: there the first
 * response is taken as it is.
 */
export class WatchChain {
  problem = "";
  /** Whether the last response that was taken moved the position. */
  moved = false;

  // Where the feed stands; undefined while not known.
  #through: bigint | undefined;
  #inSnapshot = false;
  // A token may stand within a snapshot.
  #maybeSnapshot = false;
  // Where a snapshot stands; undefined while not known, and outside of one.
  #snapshotRevision: bigint | undefined;
  #throughName: string | undefined;

  constructor(request: WatchRequest) {
    const { start } = request;
    if (start.case === "startRevision") this.#through = start.value;
    if (start.case === "resumeToken") this.#maybeSnapshot = true;
    if (start.case === "snapshot") {
      this.#inSnapshot = start.value;
      this.#throughName = "";
    }
  }

  get throughRevision(): bigint {
    return this.#through ?? 0n;
  }

  take(response: WatchResponse): Verdict {
    if (response.snapshot) return this.#takePiece(response, response.snapshot);
    if (!this.#inSnapshot) return this.#takeChanges(response);
    const empty = response.changes.length === 0 && response.leftRecords.length === 0;
    if (empty && response.fromRevision === 0n && response.throughRevision === 0n) {
      this.moved = false; // A sign of life between two pieces.
      return "next";
    }
    return this.#broken("changes came before the snapshot's end");
  }

  #takePiece(response: WatchResponse, piece: SnapshotPiece): Verdict {
    if (!this.#inSnapshot && !this.#maybeSnapshot) {
      return this.#broken("a piece of a snapshot came among changes");
    }
    if (this.#snapshotRevision !== undefined && piece.revision !== this.#snapshotRevision) {
      return this.#broken(
        `a snapshot at revision ${this.#snapshotRevision} went on at revision ${piece.revision}`,
      );
    }
    if (this.#throughName !== undefined && piece.fromName !== this.#throughName) {
      if (piece.throughName !== "" && piece.throughName <= this.#throughName) return "repeat";
      return this.#broken(
        `a snapshot that stood at "${this.#throughName}" went on at "${piece.fromName}"`,
      );
    }
    const newer = response.changes.find((change) => change.revision > piece.revision);
    if (newer) {
      return this.#broken(
        `${newer.name} of revision ${newer.revision} in a snapshot at revision ${piece.revision}`,
      );
    }
    const last = response.marks.includes(WatchMark.SNAPSHOT_END);
    if (last && response.throughRevision !== piece.revision) {
      return this.#broken(
        `a snapshot at revision ${piece.revision} ended at revision ${response.throughRevision}`,
      );
    }
    this.#maybeSnapshot = false;
    this.#inSnapshot = !last;
    if (last) this.#through = piece.revision;
    this.#snapshotRevision = last ? undefined : piece.revision;
    this.#throughName = last ? undefined : piece.throughName;
    this.moved = true;
    return "next";
  }

  #takeChanges(response: WatchResponse): Verdict {
    const { fromRevision: from, throughRevision: through } = response;
    const stood = this.#through;
    if (through < from) return this.#broken(`a response from revision ${from} through ${through}`);
    if (stood !== undefined && from !== stood) {
      if (from < stood && through <= stood) return "repeat";
      return this.#broken(`a watch that stood at revision ${stood} went on at revision ${from}`);
    }
    let previous = from + 1n;
    for (const { revision } of response.changes) {
      if (revision < previous || revision > through) {
        return this.#broken(
          `revision ${revision} out of its place in a response from revision ${from} through ${through}`,
        );
      }
      previous = revision;
    }
    this.#maybeSnapshot = false;
    this.moved = stood === undefined || through > stood;
    this.#through = through;
    return "next";
  }

  #broken(problem: string): Verdict {
    this.problem = problem;
    return "broken";
  }
}
