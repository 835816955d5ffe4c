------------------------------- MODULE Faults -------------------------------
(***************************************************************************)
(* The model with one fault at a time: each is searched until an invariant *)
(* is broken, which is printed, and no further.                            *)
(***************************************************************************)
EXTENDS Leaf

(* Pairs of a fault and what it broke. *)
Caught == 1
ASSUME TLCSet(Caught, {})
IsCaught == \E pair \in TLCGet(Caught) : pair[1] = fault

Broken ==
    CASE ~ReferenceHeld -> "ReferenceHeld"
      [] ~Conserved -> "Conserved"
      [] ~Counted -> "Counted"
      [] ~Found -> "Found"
      [] ~Shown -> "Shown"
      [] ~Over -> "Over"
      [] ~Told -> "Told"
      [] ~Quarantine -> "Quarantine"
      [] ~Bounded -> "Bounded"
      [] OTHER -> "nothing"

(* An invariant for the sake of being evaluated in every state. *)
Noted == IsCaught \/ Broken = "nothing" \/
    LET pair == <<fault, Broken>> IN PrintT(pair) /\ TLCSet(Caught, TLCGet(Caught) \cup {pair})

Uncaught == ~IsCaught
=============================================================================
