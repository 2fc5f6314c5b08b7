"""The few pieces of the protobuf wire format with which requests are written and answers counted.

Requests are made here by hand, so that one client that knows no schema sends them all: ours and etcd's.
"""

import struct


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def fields(message):
    """Yields (number, bytes as they stand, payload of a length-delimited field or None)."""

    def take(at):
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value, at

    at = 0
    while at < len(message):
        begin = at
        tag, at = take(at)
        payload = None
        if tag & 7 == 0:
            _, at = take(at)
        elif tag & 7 == 1:
            at += 8
        elif tag & 7 == 5:
            at += 4
        else:
            size, at = take(at)
            payload = message[at : at + size]
            at += size
        yield tag >> 3, message[begin:at], payload


def count(message, field):
    return sum(1 for found, _, _ in fields(message) if found == field)


def without(message, field):
    return b"".join(raw for found, raw, _ in fields(message) if found != field)


# communique.v1.CatalogService
GET_STATEMENT = "/communique.v1.CatalogService/GetStatement"
LIST_STATEMENTS = "/communique.v1.CatalogService/ListStatements"
SEARCH = "/communique.v1.CatalogService/Search"
RECORD_PIN = 22
PAGE_ITEMS = 1  # of every List answer, and of Search's


def get_statement(name):
    return data(1, name)


def list_statements(page_size, text, order_by, revision=0):
    scope = data(5, number(1, revision)) if revision else b""
    return number(1, page_size) + data(3, text) + data(4, order_by) + scope


def search(query):
    return data(1, query)


# communique.v1.PublishService, FeedService
COMMIT = "/communique.v1.PublishService/Commit"
WATCH = "/communique.v1.FeedService/Watch"
WATCH_CHANGES = 1


def watch_all(start_revision=None, until_head=False):
    start = number(4, 1) if start_revision is None else number(2, start_revision)
    return start + (number(6, 1) if until_head else b"")


# etcdserverpb.Watch
ETCD_WATCH = "/etcdserverpb.Watch/Watch"
ETCD_EVENTS = 11


def etcd_watch_all(start_revision=0):
    """WatchRequest.create_request over every key."""
    start = number(3, start_revision) if start_revision else b""
    return data(1, data(1, b"\0") + data(2, b"\0") + start)


# etcdserverpb.KV (rpc.proto of etcd)
ETCD_RANGE = "/etcdserverpb.KV/Range"
ETCD_PUT = "/etcdserverpb.KV/Put"


def etcd_range(key, serializable):
    return data(1, key) + (number(7, 1) if serializable else b"")


def etcd_put(key, value):
    return data(1, key) + data(2, value)


ETCD_TXN = "/etcdserverpb.KV/Txn"


def etcd_txn(puts):
    """Several puts in one step: TxnRequest.success, each a RequestOp.request_put."""
    return b"".join(data(2, data(2, put)) for put in puts)


def write_requests(path, requests):
    """Writes a file for bench_load."""
    with open(path, "wb") as file:
        for request in requests:
            file.write(struct.pack("<I", len(request)) + request)
