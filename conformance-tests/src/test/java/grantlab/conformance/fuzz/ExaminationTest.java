package grantlab.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.script.Script;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Scripts that campaigns found, in which the machine was right and its auditor was not. */
class ExaminationTest {
    private static void expectNothing(String text) throws IOException {
        Script script = Script.parse("found", text);
        Examination examination = new Examination(
                Settings.usual(), Installed.find(), Combination.of(List.of("on-heap", "checked")), null);
        assertThat(examination.examine(script, text, new ArrayList<>())).isEmpty();
    }

    /** Bit 6 is the hypervisor's in tombstones alone (grant-v3.md, section 3): in a leaf that its granter made of one it stays. */
    @Test
    void aTombstoneThatItsGranterMakesALeafKeepsItsBit() throws IOException {
        expectNothing("""
                create dom=d2
                create dom=d3
                @d3 node page=p38 frame=p39
                @d3 node page=p39 frame=p40
                @d3 v3_tree_create peer=d2 levels=3 root_gfn=p38 out=v216 flags=REVOCABLE_ONLY|REVOKE_ON_DEATH
                @d3 leaf page=p40 index=1 frame=p0
                @d2 v3_map peer=d3 ref=v216+1 dest=pte:m6+8 flags=786
                @d3 v3_revoke tree=v216 flags=FORCE|WHOLE_TREE
                @d3 leaf page=p40 index=1 keep=1 type=2
                destroy dom=d2
                """);
    }

    /** The same bit in a leaf that is in use: it is none for anybody from then on, and the revocation finds the act alone. */
    @Test
    void aLeafInUseThatItsGranterMakesUnsoundIsLetBe() throws IOException {
        expectNothing("""
                create dom=d2
                create dom=d3
                @d3 node page=p37 frame=p38
                @d3 v3_tree_create peer=d2 levels=2 root_gfn=p37 out=v213 flags=REVOCABLE_ONLY
                @d3 leaf page=p38 index=4 frame=p4
                @d2 v3_map peer=d3 ref=v213+4 dest=pte:m12 flags=802
                @d3 leaf page=p38 index=4 keep=1 attached=1
                @d3 v3_revoke tree=v213 flags=FORCE first=4 count=2
                """);
    }

    /** A granter that died gave its node back, which a CPU of the grantee kept: its use ends, and nobody looks there for a mark any more. */
    @Test
    void aNodeThatADeadGranterGaveBackIsNone() throws IOException {
        expectNothing("""
                create
                create dom=d2
                @d2 v3_tree_create peer=d1 root_gfn=p43 out=v211
                @d2 leaf page=p43 frame=p5
                @d2 node page=p40 frame=p43
                @d2 v3_tree_update tree=v211 flags=GROW root=p40 index_limit=512
                @d1 v3_map peer=d2 ref=v211+0 dest=pte:m1
                @d2 leaf page=p43 index=9 frame=p2
                @d1 v3_map peer=d2 ref=v211+9 dest=pte:m3 out=v58
                destroy dom=d2
                @d1 v3_unmap handle=v58
                """);
    }

    /** Who maps its own large leaf over the nodes that lead to it is found nowhere by them afterwards. */
    @Test
    void aDomainMapsOverItsOwnNodes() throws IOException {
        expectNothing("""
                create dom=d2 type=pvh blocks=1
                @d2 v3_tree_create peer=d2 levels=2 root_gfn=p40 flags=LARGE_OK|REVOCABLE_ONLY out=v213
                @d2 leaf page=p40 frame=0x80000
                @d2 node page=p36 frame=p40
                @d2 v3_tree_update tree=v213 flags=GROW root=p36 index_limit=512
                @d2 v3_map peer=d2 ref=v213+24 dest=p36 flags=274 count=512
                """);
    }

    /** A call with more elements than lines finds those of the batch before in its pages. */
    @Test
    void anElementOfTheBatchBeforeIsAskedForAgain() throws IOException {
        expectNothing("""
                create dom=d2
                @d2 v3_tree_create root_gfn=p41 out=v214
                @d2 leaf page=p41 index=2 frame=p6
                batch n=2
                v3_map
                v3_map peer=d2 ref=v214+2 dest=pte:m35
                batch n=1 count=4
                v3_map
                """);
    }

    /** What stands in for a page stays until its grantee acknowledges that it was taken, though the granter is gone. */
    @Test
    void whatStandsInOutlivesTheGranter() throws IOException {
        expectNothing("""
                create dom=d2 type=pvh
                create dom=d3
                @d3 ent ref=12 flags=0x1 domid=d2 frame=p6
                @d2 v3_map peer=d3 ref=12 dest=m1 flags=34 out=v1
                @d3 v3_revoke flags=FORCE first=12 count=4
                destroy dom=d3
                @d2 rd addr=m1
                @d2 v3_unmap handle=v1
                @d2 rd addr=m1
                """);
    }

    /** An entry that names a frame of somebody who died grants the domain's own table, once that has grown into the frame. */
    @Test
    void aDomainCopiesToItsTableByAnEntryThatIsOlderThanTheTable() throws IOException {
        expectNothing("""
                wr addr=p2+1752 val=0x100020000
                create
                create dom=d2
                ent ref=16 flags=0x1 frame=d2.p7
                destroy dom=d2
                swap a=16 b=13
                destroy
                create dom=d2
                setup nr=35
                batch n=2
                swap a=9 b=13
                swap a=10 b=9
                v3_copy ref=10 local_gfn=p2 length=12000 flags=TO_REMOTE
                """);
    }
}
