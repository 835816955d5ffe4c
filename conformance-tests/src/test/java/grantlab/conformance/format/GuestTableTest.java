package grantlab.conformance.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.anyInt;
import static org.mockito.ArgumentMatchers.anyLong;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link GuestTable} promises its guest, whoever comes in between, and what it refuses. */
class GuestTableTest {
    private static final int INDEX = 9;
    private static final long FRAME = 0x1234;
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int PAGE_FAULT = 14;
    private static final int MORE_THAN_ANY_CALL_LOOKS = 8;

    /** Everything that bring-up may ask for; a test takes something away. */
    private static GuestKernel kernel(Table table, Vcpu vcpu) {
        GuestKernel kernel = mock(GuestKernel.class);
        when(kernel.vcpu()).thenReturn(vcpu);
        when(kernel.argumentPage()).thenReturn(0L);
        when(kernel.tableFrame(0)).thenReturn(Page.address(table.frames.sharedFrame(0)));
        when(kernel.statusFrame(0))
                .thenReturn(table.frames.statusCount() == 0 ? -1 : Page.address(table.frames.statusFrame(0)));
        return kernel;
    }

    /** A CPU whose addresses are the machine's. */
    private static Vcpu vcpu(MachineMemory memory) {
        Vcpu vcpu = mock(Vcpu.class);
        long[] value = new long[1];
        when(vcpu.value()).then(call -> value[0]);
        when(vcpu.load(anyLong(), anyInt())).then(call -> {
            long address = call.getArgument(0);
            int bytes = call.getArgument(1);
            value[0] = bytes == 2 ? memory.load16(address) & 0xffffL : memory.load32Acquire(address) & 0xffff_ffffL;
            return 0;
        });
        when(vcpu.store(anyLong(), anyInt(), anyLong())).then(call -> {
            long address = call.getArgument(0);
            if (address == 0) {
                return 0;
            }
            if (call.<Integer>getArgument(1) == Long.BYTES) {
                memory.store64Release(address, call.getArgument(2));
            } else {
                memory.store32Release(address, (int) call.<Long>getArgument(2).longValue());
            }
            return 0;
        });
        when(vcpu.compareAndExchange(anyLong(), anyInt(), anyLong(), anyLong())).then(call -> {
            long expected = call.getArgument(2);
            long replacement = call.getArgument(3);
            value[0] =
                    memory.compareAndExchange32(call.getArgument(0), (int) expected, (int) replacement) & 0xffff_ffffL;
            return 0;
        });
        return vcpu;
    }

    private static GuestTable guests(Table table) {
        Vcpu vcpu = vcpu(table.interrupted.memory());
        return table.format.bringUp(kernel(table, vcpu), Table.GRANTEE, -1);
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void granteeWhoComesInBetweenIsSeen(Table.Kind kind) {
        becomesInUse(kind, Gtf.READING, guest -> guest.end(INDEX), Gtf.INVALID);
        becomesInUse(kind, Table.IN_USE, guest -> guest.end(INDEX), Gtf.INVALID);
        becomesInUse(kind, Table.IN_USE, guest -> guest.narrow(INDEX), Gtf.PERMIT_ACCESS | Gtf.READONLY);
    }

    /** The hypervisor marks the entry before the access of a number, as far as the entry still permits it. */
    private static void becomesInUse(Table.Kind kind, int marks, Predicate<GuestTable> change, int changed) {
        Set<Boolean> answers = new HashSet<>();
        for (int moment = 0; moment < MORE_THAN_ANY_CALL_LOOKS; moment++) {
            try (Table table = kind.open()) {
                GuestTable guest = guests(table);
                guest.grant(INDEX, Table.GRANTEE, FRAME, Page.ORDER_4K, READ_WRITE);
                int at = moment;
                table.interrupted.by((access, method) -> {
                    if (access == at && table.flags(INDEX) == Gtf.PERMIT_ACCESS) {
                        mark(table, marks);
                    }
                });
                boolean done = change.test(guest);
                answers.add(done);
                table.interrupted.byNobody();
                assertThat(table.flags(INDEX))
                        .as("marked before access %d", moment)
                        .isEqualTo(done ? changed : Gtf.PERMIT_ACCESS);
                assertThat(done && guest.inUse(INDEX))
                        .as("changed under a user")
                        .isFalse();
            }
        }
        assertThat(answers).containsExactlyInAnyOrder(true, false);
    }

    private static void mark(Table table, int marks) {
        long address = table.codec.marksAddress(table.frames, INDEX);
        table.memory.store16Release(address, (short) (table.memory.load16(address) | marks));
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void anotherCpuOfTheGuestWhoComesInBetweenWins(Table.Kind kind) {
        int others = Gtf.PERMIT_ACCESS | Gtf.PCD;
        changedByAnother(kind, guest -> guest.end(INDEX), others);
        changedByAnother(kind, guest -> guest.narrow(INDEX), others);
    }

    private static void changedByAnother(Table.Kind kind, Predicate<GuestTable> change, int others) {
        try (Table table = kind.open()) {
            GuestTable guest = guests(table);
            guest.grant(INDEX, Table.GRANTEE, FRAME, Page.ORDER_4K, READ_WRITE);
            table.interrupted.by((access, method) -> {
                if (method.startsWith("compareAndExchange")) {
                    table.set(INDEX, "flags", others);
                }
            });
            assertThat(change.test(guest)).isFalse();
            assertThat(table.flags(INDEX)).isEqualTo(others);
        }
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void indexBeyondTheFirstFrameIsRefused(Table.Kind kind) {
        try (Table table = kind.open()) {
            GuestTable guest = guests(table);
            assertThat(guest.size()).isEqualTo(table.format.entriesPerFrame());
            for (long index : new long[] {-1, guest.size(), Long.MIN_VALUE}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> guest.grant(index, Table.GRANTEE, FRAME, Page.ORDER_4K, READ_WRITE))
                        .withMessageContaining(String.valueOf(index));
                assertThatIllegalArgumentException().isThrownBy(() -> guest.end(index));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void frameThatTheFormatCannotNameIsRefused(Table.Kind kind) {
        try (Table table = kind.open()) {
            GuestTable guest = guests(table);
            assertNamed(guest, -1, Page.ORDER_4K, false);
            assertNamed(guest, 0, Page.ORDER_2M, false);
            assertNamed(guest, 0, Page.ORDER_4K, true);
            assertNamed(guest, 0xffff_ffffL, Page.ORDER_4K, true);
            assertNamed(guest, 1L << 32, Page.ORDER_4K, table.format.frameLimit() > 1L << 32);
        }
    }

    private static void assertNamed(GuestTable guest, long frame, int order, boolean can) {
        assertThat(guest.canName(frame, order)).isEqualTo(can);
        if (can) {
            guest.grant(INDEX, Table.GRANTEE, frame, order, READ_WRITE);
        } else {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> guest.grant(INDEX, Table.GRANTEE, frame, order, READ_WRITE))
                    .withMessageContaining("cannot name frame 0x" + Long.toHexString(frame));
        }
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void guestThatLostItsTableIsTold(Table.Kind kind) {
        try (Table table = kind.open()) {
            Vcpu vcpu = vcpu(table.memory);
            GuestTable guest = table.format.bringUp(kernel(table, vcpu), Table.GRANTEE, -1);
            doReturn(PAGE_FAULT).when(vcpu).load(anyLong(), anyInt());
            doReturn(PAGE_FAULT).when(vcpu).store(anyLong(), anyInt(), anyLong());
            assertThatIllegalStateException()
                    .isThrownBy(() -> guest.inUse(INDEX))
                    .withMessageContaining("fault " + PAGE_FAULT);
            assertThatIllegalStateException()
                    .isThrownBy(() -> guest.grant(INDEX, Table.GRANTEE, FRAME, Page.ORDER_4K, READ_WRITE));
        }
    }

    @ParameterizedTest
    @MethodSource("grantlab.conformance.format.Table#kinds")
    void bringUpEndsWhereTheGuestGetsNoTable(Table.Kind kind) {
        try (Table table = kind.open()) {
            GuestKernel kernel = kernel(table, vcpu(table.memory));
            when(kernel.tableFrame(0)).thenReturn(-1L);
            assertRefused(table, kernel);
            if (table.format.statusFrames(1) > 0) {
                GuestKernel blind = kernel(table, vcpu(table.memory));
                when(blind.statusFrame(0)).thenReturn(-1L);
                assertRefused(table, blind);
                Vcpu busy = vcpu(table.memory);
                when(busy.hypercall(anyInt(), anyLong(), anyLong(), anyLong())).thenReturn((long) -Errno.EBUSY);
                assertRefused(table, kernel(table, busy));
                Vcpu faulting = vcpu(table.memory);
                doReturn(PAGE_FAULT).when(faulting).store(anyLong(), anyInt(), anyLong());
                assertRefused(table, kernel(table, faulting));
            }
        }
    }

    private static void assertRefused(Table table, GuestKernel kernel) {
        assertThatIllegalStateException().isThrownBy(() -> table.format.bringUp(kernel, Table.GRANTEE, -1));
    }
}
