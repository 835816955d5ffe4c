package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.FrameList;
import grantlab.conformance.call.GetVersionCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.TableSize;
import grantlab.conformance.call.UnmapCall;
import grantlab.hypervisor.Settings;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The byte-level calls, on a real machine. */
class PartyTest {
    private final World world = World.open(
            Settings.usual(),
            Examples.INSTALLED,
            Combination.of(Examples.INSTALLED, Pair.same("v1"), new Pair("pv", "hvm")),
            1);

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aBatchIsOneHypercallWithAStatusForEachElement() {
        long ref = world.grant(0, Access.READ);
        MapCall good = MapCall.of(World.GRANTER, ref).readonly();
        List<Mapped> mapped = world.grantee()
                .batch(List.of(
                        good.at(world.grantee().slot(0)),
                        good.at(world.grantee().slot(1)).flags(Gntmap.READONLY),
                        good.at(world.grantee().slot(2))));
        assertThat(mapped).extracting(Mapped::status).containsExactly(Status.OKAY, Status.BAD_GNTREF, Status.OKAY);
        assertThat(mapped.get(1).handle()).isEqualTo(-1);
        assertThat(world.grantee()
                        .batch(List.of(
                                UnmapCall.of(mapped.get(0).handle())
                                        .at(world.grantee().slot(0)),
                                UnmapCall.of(mapped.get(2).handle())
                                        .at(world.grantee().slot(2)))))
                .allSatisfy(answer -> assertThat(answer.status()).isZero());
    }

    @Test
    void aCopyMovesBytes() {
        long ref = world.grant(0, Access.READ);
        world.granter().store(world.granter().page(0) + 8, 0x1122_3344_5566_7788L);
        Expect.okay(world.grantee()
                .call(CopyCall.from(
                        CopyCall.of(World.GRANTER, ref, 8),
                        CopyCall.own(world.grantee().pageFrame(3), 16),
                        8)));
        assertThat(world.grantee().load(world.grantee().page(3) + 16)).isEqualTo(0x1122_3344_5566_7788L);
    }

    @Test
    void whatIsNotWrittenIsSeen() {
        assertThat(world.granter().call(new QuerySizeCall(0x7ff4)).status()).isEqualTo(Status.BAD_DOMAIN);
        assertThat(world.granter().call(new GetVersionCall(0x7ff4)).version())
                .isEqualTo(GetVersionCall.UNWRITTEN_VERSION);
        // No element is read, so no status is written.
        assertThat(world.granter()
                        .grantTableOp(GnttabOp.SWAP_GRANT_REF, world.granter().arguments(), 0))
                .isZero();
    }

    @Test
    void tablesAreAskedFor() {
        TableSize size = world.granter().call(QuerySizeCall.own());
        assertThat(size.frames()).isEqualTo(1);
        assertThat(size.maxFrames()).isEqualTo(64);
        FrameList list = world.granter().call(SetupTableCall.own(2));
        assertThat(list.status()).isZero();
        assertThat(list.frames()).hasSize(2).doesNotContain(FrameList.UNWRITTEN_FRAME);
        Expect.okay(world.granter().call(new SwapCall(10, 11)));
    }

    @Test
    void entriesAreReadAndWrittenByName() {
        world.grant(0, Access.READ);
        TableEntry entry = world.granter().entry(World.FIRST_INDEX);
        assertThat(entry.get("domid")).isEqualTo(World.GRANTEE);
        assertThat(entry.get("frame")).isEqualTo(world.granter().pageFrame(0));
        entry.set("domid", 5);
        assertThat(world.granter().entry(World.FIRST_INDEX, "ent1").get("domid"))
                .isEqualTo(5);
        assertThatThrownBy(() -> entry.get("colour")).hasMessageContaining("flags");
    }

    @Test
    void aPageCanBeGivenBack() {
        assertThat(world.grantee()
                        .call(ReservationCall.decrease(world.grantee().pageFrame(9)))
                        .rc())
                .isEqualTo(1);
        // Reads of nothing give ones, as on the bus.
        assertThat(world.grantee().load(world.grantee().page(9))).isEqualTo(-1);
    }

    @Test
    void aFaultThatShouldNotBeBreaksTheClause() {
        assertThatThrownBy(() -> world.granter().load(world.granter().slot(0)))
                .isInstanceOf(ClauseFailure.class)
                .hasMessageContaining("d1: load at m0");
        assertThat(world.granter().tryLoad(world.granter().slot(0))).isEqualTo(14);
    }

    @Test
    void everyCallGoesIntoTheDiaryInTheNotationOfScripts() {
        world.step("asking");
        world.grantee().call(QuerySizeCall.own());
        world.grantee().hypercall(99, 1, 2, 3);
        assertThat(world.steps().getLast().calls())
                .containsExactly(
                        "@d2 query_size dom=self  # rc=0 status=0 nr=1 max=64",
                        "@d2 hypercall 99 0x1 0x2 0x3  # -ENOSYS (-38)");
    }

    @Test
    void theThirdPartyAndTheControlDomainAreThereWhenAskedFor() {
        assertThat(world.third().domid()).isEqualTo(World.THIRD);
        assertThat(world.third().translated()).isTrue();
        assertThat(world.control().domid()).isZero();
        assertThat(world.control().call(new QuerySizeCall(World.GRANTER)).status())
                .isZero();
        assertThat(world.third().call(new QuerySizeCall(World.GRANTER)).status())
                .isEqualTo(Status.PERMISSION_DENIED);
        world.checkInvariants();
        world.dismantle();
    }

    @Test
    void aDestroyedGuestIsGone() {
        world.destroy(world.third());
        assertThat(world.states())
                .extracting(DomainState::text)
                .anySatisfy(text -> assertThat(text).contains("d3 is gone"));
        assertThat(Call.UNWRITTEN).isPositive();
    }
}
