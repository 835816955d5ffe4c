package grantlab.grant.tree.race;

import grantlab.api.Status;

/** What {@link EntryProtocol} promises, for one thread: the life of a leaf (grant-v3.md, section 3.3) without words. */
public class EntrySpecification {
    private enum Type {
        EMPTY,
        LEAF,
        TOMBSTONE
    }

    private Type type = Type.EMPTY;
    private boolean writable;
    private int generation;
    private boolean markedRead;
    private boolean markedWrite;
    private boolean seenWritten;
    private int readers;
    private int writers;
    private int used;

    public EntrySpecification() {}

    private boolean marked() {
        return markedRead || markedWrite;
    }

    private void granted(boolean marks) {
        type = Type.LEAF;
        writable = true;
        generation++;
        markedRead = marks;
        markedWrite = marks;
        seenWritten = marks;
    }

    public boolean grant() {
        if (type == Type.LEAF || (type == Type.TOMBSTONE && marked())) {
            return false;
        }
        granted(false);
        return true;
    }

    public void scribble() {
        granted(true);
    }

    public boolean end() {
        if (type == Type.LEAF && !marked()) {
            empty();
        }
        return type == Type.EMPTY;
    }

    private void empty() {
        type = Type.EMPTY;
        seenWritten = false;
    }

    public boolean narrow() {
        if (type != Type.LEAF || markedWrite) {
            return false;
        }
        writable = false;
        return true;
    }

    public boolean close() {
        if (type != Type.LEAF) {
            return false;
        }
        type = Type.TOMBSTONE;
        return true;
    }

    public boolean vacate() {
        if (type != Type.TOMBSTONE || marked()) {
            return false;
        }
        empty();
        return true;
    }

    public boolean inUse() {
        return type != Type.EMPTY && marked();
    }

    public boolean dirty() {
        boolean dirty = seenWritten || markedWrite;
        seenWritten = false;
        return dirty;
    }

    public int read() {
        return map(false);
    }

    public int write() {
        return map(true);
    }

    private int map(boolean write) {
        if (type != Type.LEAF) {
            return type == Type.EMPTY ? Status.BAD_GNTREF : Status.REVOKED;
        }
        if (readers + writers != 0 && used != generation) {
            return Status.BUSY;
        }
        if (write && !writable) {
            return Status.PERMISSION_DENIED;
        }
        used = generation;
        markedRead = true;
        markedWrite |= write;
        seenWritten |= write;
        readers += write ? 0 : 1;
        writers += write ? 1 : 0;
        return Status.OKAY;
    }

    public boolean endRead() {
        if (readers == 0) {
            return false;
        }
        readers--;
        unmark(false);
        return true;
    }

    public boolean endWrite() {
        if (writers == 0) {
            return false;
        }
        writers--;
        unmark(true);
        return true;
    }

    private void unmark(boolean wrote) {
        if (used != generation) {
            return;
        }
        if (readers + writers == 0) {
            markedRead = false;
        }
        if (wrote && writers == 0) {
            seenWritten |= markedWrite;
            markedWrite = false;
        }
    }
}
