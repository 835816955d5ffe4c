package grantlab.hypervisor;

import com.google.inject.AbstractModule;

/** Guice says what it does: no proxies for circles, no guessing of constructors, no loose annotations. */
final class Strictness extends AbstractModule {
    @Override
    protected void configure() {
        binder().disableCircularProxies();
        binder().requireAtInjectOnConstructors();
        binder().requireExactBindingAnnotations();
    }
}
