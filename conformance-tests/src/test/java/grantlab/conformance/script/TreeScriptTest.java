package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.hypervisor.Settings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The verbs of grants v3: fields by name into the call, and out of it into the answer. */
class TreeScriptTest {
    private static List<String> answers(String format, String script) {
        List<String> answers = new ArrayList<>();
        Settings settings = Settings.usual().withGrantFormat(format).withMemory("on-heap");
        try (Interpreter interpreter = new Interpreter(Script.parse("script", script), settings, answers::add)) {
            interpreter.check();
            interpreter.run();
            interpreter.machine().checkInvariants();
        }
        return answers;
    }

    @Test
    void shouldTellWhatWasWrittenByName() {
        assertThat(answers("v3-tree", """
            create dom=d1 type=pvh
            @d1 fill addr=p2 val=0x500
            @d1 v3_tree_create peer=d0 root_gfn=p0 out=v0
            @d1 leaf page=p0 index=3 frame=p2 w=1 gen=5
            v3_map peer=d1 ref=v0+3 dest=pte:m0 flags=HOST|WRITE|DEST_PTE out=v1
            rd addr=m0+8
            @d1 rdleaf page=p0 index=3
            @d1 leaf page=p0 index=3 type=3 keep=1
            v3_map peer=d1 ref=v0+3 dest=pte:m1
            v3_unmap handle=#0
            @d1 rdleaf page=p0 index=3
            v3_unmap handle=v1
            @d1 v3_tree_destroy tree=v0
            """))
                .containsExactly(
                        "1 create rc=0",
                        "2 fill ok",
                        "3 v3_tree_create rc=0 status=0 slot=1 gen=1 peer_epoch=0 base_ref=0x1001000000000",
                        "4 leaf ok",
                        "5 v3_map rc=0 status=0 done=1 handle=#0 dev_addr=d1.p2 order_got=0 entry_gen=5",
                        "6 rd val=501",
                        "7 rdleaf frame=d1.p2 gen=5 w_seen=1 mapped_w=1 mapped_r=1 w=1 type=2",
                        "8 leaf ok",
                        "9 v3_map rc=0 status=-15 done=0 handle=0 dev_addr=none",
                        "10 v3_unmap rc=0 status=0 done=1",
                        "11 rdleaf frame=d1.p2 gen=5 w_seen=1 w=1 type=3",
                        "12 v3_unmap rc=0 status=-14 done=0",
                        "13 v3_tree_destroy rc=0 status=0 done=0");
    }

    @Test
    void shouldWriteARunToTheEndOfItsNode() {
        assertThat(answers("v3-tree", """
            create dom=d1 type=pvh
            @d1 leaf page=p0 index=3 frame=p2 w=1 run=2
            @d1 rdleaf page=p0 index=3
            @d1 rdleaf page=p0 index=4
            @d1 rdleaf page=p0 index=5
            @d1 leaf page=p0 index=510 frame=p2 run=1000
            @d1 rdleaf page=p0 index=511
            @d1 rdleaf page=p1 index=0
            @d1 leaf page=p0 index=3 frame=p6 keep=1 run=-1
            @d1 rdleaf page=p0 index=3
            @d1 rdleaf page=p0 index=4
            """))
                .containsExactly(
                        "1 create rc=0",
                        "2 leaf ok",
                        "3 rdleaf frame=d1.p2 w=1 type=2",
                        "4 rdleaf frame=d1.p3 w=1 type=2",
                        "5 rdleaf frame=0 type=0",
                        "6 leaf ok",
                        "7 rdleaf frame=d1.p3 type=2",
                        "8 rdleaf frame=0 type=0",
                        "9 leaf ok",
                        "10 rdleaf frame=d1.p6 w=1 type=2",
                        "11 rdleaf frame=d1.p3 w=1 type=2");
    }

    @Test
    void shouldSpeakToTheToolstackAndToRings() {
        assertThat(answers("v3-tree", """
            create dom=d1 type=pvh
            @d1 wrframe addr=p44 frame=p45
            @d1 wrframe addr=p44+8 frame=p46
            @d1 rd addr=p44+8
            @d1 v3_ring_register list_gfn=p44 pages=1 port=1 kind=GRANTER
            @d1 v3_tree_create peer=0x8000 root_gfn=p0 ring_id=1 out=v0
            vdomid_bind owner=d1 vdomid=0x8000 real=d0 flags=1 out=v1
            @d1 leaf page=p0 index=3 frame=p2 notify=1
            v3_map peer=d1 ref=v0+3 epoch=v1 dest=pte:m0 out=v2
            v3_unmap handle=v2
            vdomid_bind owner=d1 vdomid=0x8000 real=invalid
            v3_map peer=d1 ref=v0+3 epoch=v1 dest=pte:m0
            @d1 rd addr=p45+8
            @d1 vdomid_bind owner=d1 vdomid=0x8000 real=d0
            gnt_quota domid=d1 trees=1 pages=2
            @d1 v3_tree_create peer=d0 root_gfn=p1
            gnt_policy domid=d1 fates=2
            """))
                .containsExactly(
                        "1 create rc=0",
                        "2 wrframe ok",
                        "3 wrframe ok",
                        "4 rd val=4003e",
                        "5 v3_ring_register rc=0 status=0 ring_id=1",
                        "6 v3_tree_create rc=0 status=0 slot=1 gen=1 peer_epoch=0 base_ref=0x1001000000000",
                        "7 vdomid_bind rc=0 epoch=1",
                        "8 leaf ok",
                        "9 v3_map rc=0 status=0 done=1 handle=#0 dev_addr=d1.p2 order_got=0 entry_gen=0",
                        "10 v3_unmap rc=0 status=0 done=1",
                        "11 vdomid_bind rc=0 epoch=1",
                        "12 v3_map rc=0 status=-23 done=0 handle=0 dev_addr=none",
                        "13 rd val=3",
                        "14 vdomid_bind rc=-1",
                        "15 gnt_quota rc=0",
                        "16 v3_tree_create rc=0 status=-20",
                        "17 gnt_policy rc=-22");
    }

    @Test
    void shouldPutLinesOfABatchIntoOneArray() {
        assertThat(answers("v3-tree", """
            v3_tree_create peer=d0 levels=2 root_gfn=p0 out=v0
            node page=p0 index=0 frame=p1 w=1
            leaf page=p1 index=0 frame=p2
            leaf page=p1 index=1 frame=p3
            batch n=3
            v3_copy peer=d0 ref=v0 local_gfn=p4 length=8
            v3_copy peer=d0 ref=v0+2 local_gfn=p4 length=8
            v3_copy peer=d0 ref=v0 local_gfn=p4 length=5000 zero_60=0
            batch n=1 count=65
            v3_copy peer=d0 ref=v0 local_gfn=p4 length=8
            """))
                .contains(
                        "5 batch rc=0",
                        "6 v3_copy status=0 done=8",
                        "7 v3_copy status=-3 done=0",
                        "8 v3_copy status=0 done=5000",
                        "9 batch rc=-22",
                        "10 v3_copy");
    }

    @Test
    void shouldSayWhatWouldHaveBeenRight() {
        assertThatThrownBy(() -> answers("v3-tree", "v3_copy flags=TO_REMOTE\nv3_copy flags=WRITE\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessage("script:2: flags=WRITE: expected a number, or names joined by |: TO_REMOTE");
        assertThatThrownBy(() -> answers("v3-tree", "v3_map adr=5\n"))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining("v3_map has no key 'adr='; it takes count=, dest=, dev_addr=");
    }

    /** ABI-1: without a tree format there are no such operations. */
    @Test
    void shouldAnswerAsXenWhereThereAreNoTrees() {
        assertThat(answers("v1", "v3_tree_create peer=d0 root_gfn=p0\nv3_map\n"))
                .containsExactly("1 v3_tree_create rc=-38", "2 v3_map rc=-38");
    }
}
