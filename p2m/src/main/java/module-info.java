/** Machine memory, the books of its frames, and each domain's guest-physical map. */
module grantlab.p2m {
    requires grantlab.api;
    requires static org.jspecify;

    provides grantlab.api.memory.MemoryProvider with
            grantlab.p2m.OffHeapProvider,
            grantlab.p2m.OnHeapProvider,
            grantlab.p2m.CheckedProvider,
            grantlab.p2m.MemfdProvider,
            grantlab.p2m.RotatingProvider,
            grantlab.p2m.LastFreedProvider,
            grantlab.p2m.FirstFreedProvider;
}
