-------------------------------- MODULE Leaf --------------------------------
(***************************************************************************)
(* One leaf of a tree while vCPUs of the grantee map, copy and unmap, the  *)
(* granter withdraws and closes, and one of its vCPUs takes back           *)
(* (grant-v3.md, sections 3.3, 7 and 8.2). An action has the name of the   *)
(* method that does the same in one step, and names its class; ModelTest   *)
(* checks that there is one. docs/model.md says what is left out.          *)
(*                                                                         *)
(* A translation is remembered by the TLB and the IOTLB as soon as it can  *)
(* be, and again right after a flush while its place stands: the worst.    *)
(***************************************************************************)
EXTENDS Naturals, FiniteSets, TLC

CONSTANTS
    Vcpus,      \* of the grantee
    Uses,       \* how often each of them maps or copies
    Grants,     \* how often the granter grants at this index
    Revokes,    \* how often it calls v3_revoke
    Generations,\* before GEN begins again
    Hostile,    \* the granter writes what it likes into the word
    Faults      \* what the hypervisor may leave out or do too early; {"none"}

Granter == "granter"    \* its kernel, and with pc its vCPU in v3_revoke
Nobody == "nobody"
Callers == Vcpus \cup {Granter}

VARIABLES
    fault,      \* which of them it is, for ever
    word,       \* of the entry: type, gen, mapped, attached
    granted,    \* how many grants there were
    act,        \* state, gen, pins, inFlight; "none" where there is none
    lock,       \* who holds the bucket of the act
    pc,         \* what each caller does
    seen,       \* the word that a vCPU located
    uses,       \* how often it has begun
    since,      \* which grant its present use is of
    ref,        \* whether it holds a reference on the frame
    place,      \* whether its page-table entry, or its place in the physical map, leads there
    tlb,        \* whether its TLB does
    device,     \* whether the IOTLB does, or an access of a device is under way
    record,     \* "none", "live", "claimed" or "taken"
    batch,      \* whose records the revocation has claimed
    revokes,    \* how many revocations have begun
    asked,      \* the last grant that the one under way is about
    revoked     \* the last grant of which a revocation said that it is over

leaf == <<word, granted>>
memory == <<ref, place, tlb, device>>
calls == <<seen, uses, since>>
revocation == <<batch, revokes, asked, revoked>>
vars == <<fault, leaf, act, lock, pc, calls, memory, record, revocation>>

NoAct == [state |-> "none", gen |-> 0, pins |-> 0, inFlight |-> 0]
Empty == [type |-> "empty", gen |-> 0, mapped |-> FALSE, attached |-> FALSE]
None(value) == [v \in Vcpus |-> value]

Init ==
    /\ fault \in Faults
    /\ word = Empty /\ granted = 0
    /\ act = NoAct /\ lock = Nobody
    /\ pc = [c \in Callers |-> "idle"]
    /\ seen = None(Empty) /\ uses = None(0) /\ since = None(0)
    /\ ref = None(FALSE) /\ place = None(FALSE) /\ tlb = None(FALSE) /\ device = None(FALSE)
    /\ record = None("none")
    /\ batch = {} /\ revokes = 0 /\ asked = 0 /\ revoked = 0

Goes(c, to) == pc' = [pc EXCEPT ![c] = to]
Without(name) == fault = name
(* Type, frame and generation are those of the grant for which there is an act. *)
Same(w, gen) == w.type \in {"leaf", "tombstone"} /\ w.gen = gen

-----------------------------------------------------------------------------
(* The granter's kernel. *)

grant == \* api.grant.GuestTable#grant
    /\ word.type = "empty" /\ granted < Grants
    /\ pc[Granter] = "idle"                     \* rule (g)
    /\ word' = [Empty EXCEPT !.type = "leaf", !.gen = (word.gen + 1) % Generations]
    /\ granted' = granted + 1
    /\ UNCHANGED <<act, lock, pc, calls, memory, record, revocation>>

end == \* api.grant.GuestTable#end
    /\ word.type = "leaf" /\ ~word.mapped
    /\ word' = [word EXCEPT !.type = "empty"]
    /\ UNCHANGED <<granted, act, lock, pc, calls, memory, record, revocation>>

vacate == \* api.grant.GuestTree#vacate
    /\ word.type = "tombstone" /\ ~word.mapped /\ ~word.attached
    /\ word' = [word EXCEPT !.type = "empty"]
    /\ UNCHANGED <<granted, act, lock, pc, calls, memory, record, revocation>>

close == \* api.grant.GuestTree#close
    /\ word.type = "leaf"
    /\ word' = [word EXCEPT !.type = "tombstone"]
    /\ UNCHANGED <<granted, act, lock, pc, calls, memory, record, revocation>>

store == \* api.guest.GuestMemory#store
    /\ Hostile /\ granted < Grants
    /\ word' \in [type : {"empty", "leaf", "tombstone"}, gen : 0 .. Generations - 1, mapped : BOOLEAN, attached : {FALSE}]
    /\ granted' = granted + 1
    /\ UNCHANGED <<act, lock, pc, calls, memory, record, revocation>>

-----------------------------------------------------------------------------
(* v3_map and v3_copy: from pin to link or stay the bucket is locked. *)

locate(v) == \* api.grant.GrantTable#locate
    /\ pc[v] = "idle" /\ record[v] = "none" /\ uses[v] < Uses
    /\ word.type = "leaf"
    /\ seen' = [seen EXCEPT ![v] = word]
    /\ uses' = [uses EXCEPT ![v] = @ + 1]
    /\ Goes(v, "located")
    /\ UNCHANGED <<leaf, act, lock, since, memory, record, revocation>>

(* The act admits the use, and the word that stands there now takes the mark. *)
pin(v) == \* hypervisor.operation.tree.LeafPinning#pin
    /\ pc[v] = "located" /\ lock = Nobody
    /\ LET w == IF Without("reload") /\ seen[v].mapped THEN seen[v] ELSE word
           admitted == act.state = "none" \/ (act.state = "live" /\ act.gen = seen[v].gen)
           granting == w.type = "leaf" /\ w.gen = seen[v].gen
       IN IF admitted /\ granting
          THEN /\ act' = [act EXCEPT !.state = "live", !.gen = seen[v].gen, !.pins = @ + 1]
               /\ word' = IF Without("reload") /\ seen[v].mapped THEN word ELSE [word EXCEPT !.mapped = TRUE]
               /\ lock' = IF Without("lock") THEN Nobody ELSE v
               /\ since' = [since EXCEPT ![v] = granted]
               /\ Goes(v, "marked")
          ELSE /\ Goes(v, "idle")
               /\ UNCHANGED <<word, act, lock, since>>
    /\ UNCHANGED <<granted, seen, uses, memory, record, revocation>>

translate(v) == \* hypervisor.operation.tree.LeafPinning#translate
    /\ pc[v] = "marked"
    /\ ref' = [ref EXCEPT ![v] = TRUE]
    /\ Goes(v, "translated")
    /\ UNCHANGED <<leaf, act, lock, calls, place, tlb, device, record, revocation>>

install(v) == \* hypervisor.operation.tree.Installation#install
    /\ pc[v] = "translated"
    /\ place' = [place EXCEPT ![v] = TRUE]
    /\ tlb' = [tlb EXCEPT ![v] = TRUE]
    /\ device' = [device EXCEPT ![v] = TRUE]
    /\ Goes(v, "installed")
    /\ UNCHANGED <<leaf, act, lock, calls, ref, record, revocation>>

link(v) == \* hypervisor.operation.tree.LeafPinning#link
    /\ pc[v] = "installed"
    /\ record' = [record EXCEPT ![v] = "live"]
    /\ lock' = Nobody
    /\ Goes(v, "mapped")
    /\ UNCHANGED <<leaf, act, calls, memory, revocation>>

stay(v) == \* hypervisor.operation.tree.LeafPinning#stay
    /\ pc[v] = "translated"
    /\ act' = [act EXCEPT !.inFlight = @ + 1]
    /\ lock' = Nobody
    /\ Goes(v, "copying")
    /\ UNCHANGED <<leaf, calls, memory, record, revocation>>

(* The last use ends: the marks go, if the word is still of this grant, and the act with them. *)
Unpinned ==
    IF act.pins > 1 THEN /\ act' = [act EXCEPT !.pins = @ - 1]
                         /\ UNCHANGED word
    ELSE /\ act' = NoAct
         /\ word' = IF Same(word, act.gen)
                    THEN [word EXCEPT !.mapped = FALSE, !.attached = @ /\ act.state # "revoked"]
                    ELSE word

(* What was marked has no frame that may be mapped, or there is no room for a record. *)
undo(v) == \* hypervisor.operation.tree.LeafPinning#undo
    /\ pc[v] = "marked"
    /\ Unpinned
    /\ lock' = Nobody
    /\ Goes(v, "idle")
    /\ UNCHANGED <<granted, calls, memory, record, revocation>>

put(v) == \* api.memory.FrameTable#put
    /\ pc[v] = "copying"
    /\ ref' = [ref EXCEPT ![v] = FALSE]
    /\ Goes(v, "copied")
    /\ UNCHANGED <<leaf, act, lock, calls, place, tlb, device, record, revocation>>

leave(v) == \* hypervisor.operation.tree.LeafPinning#leave
    /\ pc[v] = "copied" /\ lock = Nobody
    /\ IF act.pins > 1 THEN /\ act' = [act EXCEPT !.pins = @ - 1, !.inFlight = @ - 1]
                            /\ UNCHANGED word
       ELSE Unpinned
    /\ Goes(v, "idle")
    /\ UNCHANGED <<granted, lock, calls, memory, record, revocation>>

-----------------------------------------------------------------------------
(* v3_unmap, and phases 3 to 5 of v3_revoke: both empty places, flush, and drop references, in this order. *)

(* What a caller ends at the moment. *)
Ends(c) == IF c = Granter THEN batch ELSE {c}

claim(v) == \* hypervisor.tree.Records#claim
    /\ pc[v] = "mapped"
    /\ record[v] = "live" \/ (Without("wait of unmap") /\ record[v] = "claimed")
    /\ record' = [record EXCEPT ![v] = "claimed"]
    /\ batch' = batch \ {v}
    /\ Goes(v, IF record[v] = "live" THEN "claimed" ELSE "forgotten")
    /\ UNCHANGED <<leaf, act, lock, calls, memory, revokes, asked, revoked>>

empty(c) == \* hypervisor.operation.tree.UnmapSet#empty
    /\ pc[c] = "claimed"
    /\ place' = [v \in Vcpus |-> place[v] /\ v \notin Ends(c)]
    /\ Goes(c, IF Without("order of unpin") /\ c # Granter THEN "dropped"
               ELSE IF Without("flush") THEN "forgotten" ELSE "emptied")
    /\ UNCHANGED <<leaf, act, lock, calls, ref, tlb, device, record, revocation>>

flushTlbs(c) == \* api.paging.AddressSpace#flushTlbs
    /\ pc[c] = "emptied"
    /\ tlb' = place
    /\ Goes(c, IF Without("drain") THEN "forgotten" ELSE "flushed")
    /\ UNCHANGED <<leaf, act, lock, calls, ref, place, device, record, revocation>>

(* Devices forget, and what they have under way is over. *)
forget(c) == \* api.memory.MapWatcher#forget
    /\ pc[c] = "flushed"
    /\ device' = place
    /\ Goes(c, "forgotten")
    /\ UNCHANGED <<leaf, act, lock, calls, ref, place, tlb, record, revocation>>

dropReferences(c) == \* hypervisor.operation.tree.LeafRelease#dropReferences
    /\ pc[c] = "forgotten"
    /\ ref' = IF Without("release") /\ c = Granter THEN ref ELSE [v \in Vcpus |-> ref[v] /\ v \notin Ends(c)]
    /\ Goes(c, IF Without("order of unpin") /\ c # Granter THEN "idle" ELSE "dropped")
    /\ UNCHANGED <<leaf, act, lock, calls, place, tlb, device, record, revocation>>

(* Only now the pin: who sees the mark go has the frame alone. *)
unlink(v) == \* hypervisor.operation.tree.LeafPinning#unlink
    /\ pc[v] = "dropped" /\ lock = Nobody
    /\ record' = [record EXCEPT ![v] = "none"]
    /\ Unpinned
    /\ Goes(v, IF Without("order of unpin") /\ ref[v] THEN "emptied" ELSE "idle")
    /\ UNCHANGED <<granted, lock, calls, memory, revocation>>

(* What was taken back is let go of by its grantee. *)
acknowledge(v) == \* hypervisor.tree.Records#acknowledge
    /\ pc[v] = "mapped" /\ record[v] = "taken"
    /\ record' = [record EXCEPT ![v] = "claimed"]
    /\ Goes(v, "dropped")
    /\ UNCHANGED <<leaf, act, lock, calls, memory, revocation>>

-----------------------------------------------------------------------------
(* v3_revoke. *)

(* Phase 1: the word first. *)
revoke == \* hypervisor.operation.tree.RevokeLeaves#revoke
    /\ pc[Granter] = "idle" /\ revokes < Revokes
    /\ word.type # "empty"
    /\ word' = IF word.type = "leaf" /\ ~Without("tombstone") THEN [word EXCEPT !.type = "tombstone"] ELSE word
    /\ revokes' = revokes + 1
    /\ asked' = granted
    /\ Goes(Granter, "closed")
    /\ UNCHANGED <<granted, act, lock, calls, memory, record, batch, revoked>>

(* And then the act. *)
revoking == \* hypervisor.operation.tree.Taking#revoking
    /\ pc[Granter] = "closed" /\ lock = Nobody
    /\ act' = IF act.state = "live" THEN [act EXCEPT !.state = "revoking"] ELSE act
    /\ Goes(Granter, "revoking")
    /\ UNCHANGED <<leaf, lock, calls, memory, record, revocation>>

Live == {v \in Vcpus : record[v] = "live"}
(* Somebody else ends some of it at this moment, or copies. *)
Others == act.inFlight # 0 \/ \E v \in Vcpus \ batch : record[v] = "claimed"

claimOf == \* hypervisor.operation.tree.Taking#claimOf
    /\ pc[Granter] = "revoking" /\ lock = Nobody
    /\ batch' = Live
    /\ record' = [v \in Vcpus |-> IF v \in Live THEN "claimed" ELSE record[v]]
    /\ Goes(Granter, IF Live # {} THEN "claimed"
                     ELSE IF Others /\ ~Without("wait of revoke") THEN "awaiting"
                     ELSE "all")
    /\ UNCHANGED <<leaf, act, lock, calls, memory, revokes, asked, revoked>>

await == \* hypervisor.quiescence.Quiescence#await
    /\ pc[Granter] = "awaiting"
    /\ ~Others
    /\ Goes(Granter, "revoking")
    /\ UNCHANGED <<leaf, act, lock, calls, memory, record, revocation>>

taken == \* hypervisor.operation.tree.Taking#taken
    /\ pc[Granter] = "dropped" /\ lock = Nobody
    /\ record' = [v \in Vcpus |-> IF v \in batch THEN "taken" ELSE record[v]]
    /\ batch' = {}
    /\ Goes(Granter, "revoking")
    /\ UNCHANGED <<leaf, act, lock, calls, memory, revokes, asked, revoked>>

Marked(w, mapped, attached) == [w EXCEPT !.mapped = mapped, !.attached = attached]

(* The granter sees in one step that nobody uses the leaf, and whether the grantee still has to acknowledge. *)
attached == \* api.grant.TreeTable#attached
    /\ pc[Granter] = "all" /\ lock = Nobody
    /\ IF act.state = "revoking"
       THEN /\ word' = IF Same(word, act.gen) THEN Marked(word, FALSE, ~Without("one step")) ELSE word
            /\ act' = [act EXCEPT !.state = "revoked"]
       ELSE UNCHANGED <<word, act>>
    /\ Goes(Granter, IF Without("one step") THEN "attaching" ELSE "over")
    /\ UNCHANGED <<granted, lock, calls, memory, record, revocation>>

(* Of a hypervisor that needs two steps for that. *)
attachedLate ==
    /\ pc[Granter] = "attaching" /\ lock = Nobody
    /\ word' = IF act.state = "revoked" /\ Same(word, act.gen) THEN Marked(word, FALSE, TRUE) ELSE word
    /\ Goes(Granter, "over")
    /\ UNCHANGED <<granted, act, lock, calls, memory, record, revocation>>

revokeDone == \* hypervisor.notification.Notices#revokeDone
    /\ pc[Granter] = "over"
    /\ revoked' = asked
    /\ Goes(Granter, "idle")
    /\ UNCHANGED <<leaf, act, lock, calls, memory, record, batch, revokes, asked>>

-----------------------------------------------------------------------------
Kernel == grant \/ end \/ vacate \/ close \/ store
Map(v) == locate(v) \/ pin(v) \/ translate(v) \/ install(v) \/ link(v) \/ undo(v)
Copy(v) == stay(v) \/ put(v) \/ leave(v)
Unmap(v) == claim(v) \/ acknowledge(v) \/ unlink(v)
Ending(c) == empty(c) \/ flushTlbs(c) \/ forget(c) \/ dropReferences(c)
Revoke == revoke \/ revoking \/ claimOf \/ await \/ taken \/ attached \/ attachedLate \/ revokeDone

Next ==
    /\ \/ Kernel
       \/ \E v \in Vcpus : Map(v) \/ Copy(v) \/ Unmap(v)
       \/ \E c \in Callers : Ending(c)
       \/ Revoke
    /\ UNCHANGED fault

(* Whoever is within a hypercall goes on. A grantee need not begin one. *)
GoesOn(v) ==
    \/ pin(v) \/ translate(v) \/ link(v) \/ stay(v) \/ put(v) \/ leave(v) \/ unlink(v) \/ Ending(v)
Steady(step) == step /\ UNCHANGED fault
Fairness ==
    /\ \A v \in Vcpus : WF_vars(Steady(GoesOn(v)))
    /\ SF_vars(Steady(revoking)) /\ SF_vars(Steady(claimOf)) /\ WF_vars(Steady(await)) /\ SF_vars(Steady(taken))
    /\ SF_vars(Steady(attached)) /\ WF_vars(Steady(revokeDone)) /\ WF_vars(Steady(Ending(Granter)))

Spec == Init /\ [][Next]_vars
FairSpec == Spec /\ Fairness

-----------------------------------------------------------------------------
(* What must hold. *)

Reaches(v) == place[v] \/ tlb[v] \/ device[v] \/ pc[v] = "copying"
Pinned(v) == pc[v] \in {"marked", "translated", "installed", "copying", "copied"} \/ record[v] # "none"

(* I1: who reaches the frame holds a reference on it. *)
ReferenceHeld == \A v \in Vcpus : Reaches(v) => ref[v]

(* I1: a reference is gone when its use is over. *)
Conserved == \A v \in Vcpus : ref[v] => pc[v] # "idle" /\ record[v] # "taken"

(* I3: the act counts its uses. *)
Counted ==
    /\ act.pins = Cardinality({v \in Vcpus : Pinned(v)})
    /\ (act.state = "none") = (act.pins = 0)

(* Whatever stands at a place is found by the list of the act. *)
Found == \A v \in Vcpus : place[v] => record[v] \in {"live", "claimed"} \/ lock = v

(* I4: the granter sees that its frame is in use: rules (b) and (f). *)
Shown == (\E v \in Vcpus : Reaches(v)) => word.mapped

(* I6: a revocation that is over has ended every use of what was granted before it. *)
Over == \A v \in Vcpus : Reaches(v) => since[v] > revoked

(* And its frame is the granter's. *)
Told == pc[Granter] = "over" => ~word.mapped

(* Rule (e): an index is not granted again before the grantee has acknowledged. *)
Quarantine == word.type = "leaf" => \A v \in Vcpus : record[v] # "taken"

(* No wait for a grantee who does nothing. *)
Bounded == pc[Granter] = "awaiting" =>
    \A v \in Vcpus : record[v] = "claimed" => pc[v] \in {"claimed", "emptied", "flushed", "forgotten", "dropped"}

Symmetry == Permutations(Vcpus)

(* Every revocation comes to its end, whatever the grantee does not do. *)
Ended == pc[Granter] # "idle" ~> pc[Granter] = "idle"
=============================================================================
