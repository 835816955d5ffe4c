package grantlab.conformance.format;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.PhysicalMap;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What {@link FlatTable} promises against a granter who changes the entry between any two looks at it. Clauses can only race
 * for such moments.
 */
class FlatTableTest {
    private static final int INDEX = 9;
    private static final long FRAME = 0x1234;
    private static final int READER = Access.READ | Access.HOST;
    private static final int WRITER = Access.READ | Access.WRITE | Access.HOST;
    private static final int MORE_THAN_ANY_CALL_LOOKS = 16;

    /** A bit that says how a page is cached, and means nothing to anybody. */
    private static final int IDLE_BIT = Gtf.PWT;

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void refusedFirstUseLeavesNoMark(Table.Kind kind) {
        Set<Integer> statuses = new HashSet<>();
        for (int moment = 0; moment < MORE_THAN_ANY_CALL_LOOKS; moment++) {
            try (Table entry = kind.open()) {
                entry.write(INDEX, Gtf.PERMIT_ACCESS, FRAME);
                FlatTable table = entry.format.open(entry.frames);
                Leaf leaf = located(table, WRITER);
                changesAt(entry, moment, () -> entry.set(INDEX, "flags", Gtf.INVALID));
                int status = table.mark(leaf, Table.GRANTEE, WRITER, true);
                statuses.add(status);
                assertThat(entry.marks(INDEX))
                        .as("withdrawn before access %d, status %d", moment, status)
                        .isEqualTo(status == Status.OKAY ? Table.IN_USE : 0);
            }
        }
        assertThat(statuses).containsExactlyInAnyOrder(Status.OKAY, Status.GENERAL_ERROR);
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void refusedFirstWriterLeavesTheReadersMark(Table.Kind kind) {
        Set<Integer> statuses = new HashSet<>();
        for (int moment = 0; moment < MORE_THAN_ANY_CALL_LOOKS; moment++) {
            try (Table entry = kind.open()) {
                entry.write(INDEX, Gtf.PERMIT_ACCESS, FRAME);
                FlatTable table = entry.format.open(entry.frames);
                Leaf leaf = located(table, READER);
                assertThat(table.mark(leaf, Table.GRANTEE, READER, true)).isEqualTo(Status.OKAY);
                long narrowed = entry.get(INDEX, "flags") | Gtf.READONLY;
                changesAt(entry, moment, () -> entry.set(INDEX, "flags", narrowed));
                int status = table.mark(leaf, Table.GRANTEE, WRITER, false);
                statuses.add(status);
                assertThat(entry.marks(INDEX))
                        .as("narrowed before access %d, status %d", moment, status)
                        .isEqualTo(status == Status.OKAY ? Table.IN_USE : Gtf.READING);
            }
        }
        assertThat(statuses).containsExactlyInAnyOrder(Status.OKAY, Status.GENERAL_ERROR);
    }

    /** XSA-295. */
    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void granterWhoNeverRestsHoldsNobodyUp(Table.Kind kind) {
        try (Table entry = kind.open()) {
            entry.write(INDEX, Gtf.PERMIT_ACCESS, FRAME);
            FlatTable table = entry.format.open(entry.frames);
            Leaf leaf = located(table, WRITER);
            entry.interrupted.by((access, method) -> entry.set(INDEX, "flags", entry.get(INDEX, "flags") ^ IDLE_BIT));
            int status = table.mark(leaf, Table.GRANTEE, WRITER, true);
            assertThat(entry.marks(INDEX)).isEqualTo(status == Status.OKAY ? Table.IN_USE : 0);
            entry.interrupted.by((access, method) -> entry.set(INDEX, "flags", entry.get(INDEX, "flags") ^ IDLE_BIT));
            assertThat(table.close(leaf.key, leaf.order, leaf.snapshot)).isEqualTo(Status.UNSTABLE);
            assertThat(entry.flags(INDEX) & Gtf.TYPE_MASK).isEqualTo(Gtf.PERMIT_ACCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void closedEntryLosesItsTypeAndNothingElse(Table.Kind kind) {
        for (int moment = 0; moment < 3; moment++) {
            try (Table entry = kind.open()) {
                entry.write(INDEX, Gtf.PERMIT_ACCESS | Gtf.PCD, FRAME);
                FlatTable table = entry.format.open(entry.frames);
                Leaf leaf = located(table, WRITER);
                table.mark(leaf, Table.GRANTEE, WRITER, true);
                changesAt(entry, moment, () -> entry.set(INDEX, "flags", entry.get(INDEX, "flags") | IDLE_BIT));
                assertThat(table.close(leaf.key, leaf.order, leaf.snapshot)).isEqualTo(Status.OKAY);
                assertThat(entry.flags(INDEX) & ~IDLE_BIT).isEqualTo(Gtf.PCD);
                assertThat(entry.get(INDEX, "domid")).isEqualTo(Table.GRANTEE);
                assertThat(entry.get(INDEX, "frame")).isEqualTo(FRAME);
                assertThat(entry.marks(INDEX)).isEqualTo(Table.IN_USE);
                assertThat(table.mark(leaf, Table.GRANTEE, READER, true)).isEqualTo(Status.GENERAL_ERROR);
            }
        }
    }

    /** Between look and exchange it never is what was looked at, and at each look it is again. */
    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void acceptanceThatFlickersIsNone(Table.Kind kind) {
        try (Table entry = kind.open()) {
            entry.write(INDEX, Gtf.ACCEPT_TRANSFER, FRAME);
            FlatTable table = entry.format.open(entry.frames);
            entry.interrupted.by((access, method) -> entry.set(
                    INDEX, "flags", Gtf.ACCEPT_TRANSFER | (method.startsWith("compareAndExchange") ? IDLE_BIT : 0)));
            assertThat(table.commitTransfer(INDEX, Table.GRANTEE)).isEqualTo(Status.GENERAL_ERROR);
            assertThat(entry.interrupted.accesses()).as("looks and exchanges").isEqualTo(2 * 5);
            assertThat(entry.get(INDEX, "flags") & Gtf.TRANSFER_COMMITTED).isZero();
            changesAt(entry, 1, () -> entry.set(INDEX, "domid", Table.GRANTER));
            entry.set(INDEX, "flags", Gtf.ACCEPT_TRANSFER);
            assertThat(table.commitTransfer(INDEX, Table.GRANTEE)).isEqualTo(Status.GENERAL_ERROR);
            entry.interrupted.byNobody();
            assertThat(table.commitTransfer(INDEX, Table.GRANTER)).isEqualTo(Status.OKAY);
        }
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void transferThatFailsLateIsCompletedAllTheSame(Table.Kind kind) {
        try (Table entry = kind.open()) {
            entry.write(INDEX, Gtf.ACCEPT_TRANSFER, FRAME);
            FlatTable table = entry.format.open(entry.frames);
            table.commitTransfer(INDEX, Table.GRANTEE);
            table.completeTransfer(INDEX, PhysicalMap.INVALID);
            assertThat(table.transferFrame(INDEX)).isEqualTo(FRAME);
            assertThat(entry.get(INDEX, "flags"))
                    .isEqualTo(Gtf.ACCEPT_TRANSFER | Gtf.TRANSFER_COMMITTED | Gtf.TRANSFER_COMPLETED);
        }
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void nothingIsBeyondTheTable(Table.Kind kind) {
        try (Table entry = kind.open()) {
            FlatTable table = entry.format.open(entry.frames);
            long size = (long) Table.FRAMES * entry.format.entriesPerFrame();
            assertThat(table.size()).isEqualTo(size);
            assertThat(entry.codec.address(entry.frames, size - 1)).isPositive();
            for (long beyond : new long[] {size, 0xffff_ffffL, Long.MIN_VALUE}) {
                assertThat(entry.codec.address(entry.frames, beyond)).isEqualTo(-1);
                assertThat(entry.codec.marksAddress(entry.frames, beyond)).isEqualTo(-1);
            }
            assertThat(table.locate(size, READER, new Leaf())).isEqualTo(Status.BAD_GNTREF);
            assertThat(table.commitTransfer(size, Table.GRANTEE)).isEqualTo(Status.BAD_GNTREF);
        }
    }

    private static Leaf located(FlatTable table, int access) {
        Leaf leaf = new Leaf();
        assertThat(table.locate(INDEX, access, leaf)).isEqualTo(Status.OKAY);
        return leaf;
    }

    private static void changesAt(Table entry, int moment, Runnable change) {
        entry.interrupted.by((access, method) -> {
            if (access == moment) {
                change.run();
            }
        });
    }
}
