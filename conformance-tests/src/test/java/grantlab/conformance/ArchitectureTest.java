package grantlab.conformance;

import static com.tngtech.archunit.lang.SimpleConditionEvent.violated;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import java.util.List;

/**
 * The one rule of dependency, over every module on the class path:
 * {@code cli -> conformance-tests -> hypervisor -> api <- every implementation}.
 */
@AnalyzeClasses(packages = "grantlab", importOptions = ArchitectureTest.WithoutTests.class)
class ArchitectureTest {
    private static final String API = "grantlab.api";
    private static final List<String> NOT_IMPLEMENTING =
            List.of(API, "grantlab.hypervisor", "grantlab.conformance", "grantlab.cli");

    @ArchTest
    static final ArchRule api_sees_nothing_of_ours = classes().that(areIn(API)).should(seeOnly("api", API));

    @ArchTest
    static final ArchRule engine_sees_api_alone = classes()
            .that(areIn("grantlab.hypervisor"))
            .should(seeOnly("hypervisor and api", "grantlab.hypervisor", API));

    @ArchTest
    static final ArchRule kit_sees_engine_and_api = classes()
            .that(areIn("grantlab.conformance"))
            .should(seeOnly(
                    "conformance, hypervisor, api, and virtio devices and drivers",
                    "grantlab.conformance",
                    "grantlab.hypervisor",
                    API,
                    "grantlab.virtio.block",
                    "grantlab.virtio.console",
                    "grantlab.virtio.device",
                    "grantlab.virtio.iommu",
                    "grantlab.virtio.net",
                    "grantlab.virtio.queue"));

    @ArchTest
    static final ArchRule implementation_sees_itself_and_api = classes()
            .that(new DescribedPredicate<JavaClass>("implement something") {
                @Override
                public boolean test(JavaClass type) {
                    return NOT_IMPLEMENTING.stream().noneMatch(root -> isIn(root, type));
                }
            })
            .should(seeOnlyOwnModuleAndApi());

    @ArchTest
    static final ArchRule nobody_sees_the_command = noClasses()
            .that()
            .resideOutsideOfPackage("grantlab.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("grantlab.cli..");

    @ArchTest
    static final ArchRule no_package_is_named_after_nothing =
            noClasses().should().resideInAnyPackage("..util..", "..impl..", "..common..", "..helper..", "..manager..");

    /** In whatever directory they were built: ArchUnit's own option knows one name. */
    static final class WithoutTests implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/test-classes/");
        }
    }

    private static boolean isIn(String root, JavaClass type) {
        return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
    }

    private static DescribedPredicate<JavaClass> areIn(String root) {
        return new DescribedPredicate<>("are in " + root) {
            @Override
            public boolean test(JavaClass type) {
                return isIn(root, type);
            }
        };
    }

    private static ArchCondition<JavaClass> seeOnly(String names, String... roots) {
        return new ArchCondition<>("see only " + names + " of ours") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass seen = dependency.getTargetClass().getBaseComponentType();
                    if (isIn("grantlab", seen) && List.of(roots).stream().noneMatch(root -> isIn(root, seen))) {
                        events.add(violated(type, dependency.getDescription()));
                    }
                }
            }
        };
    }

    /** Two implementations are told apart by where their classes come from: a stranger's has any package. */
    private static ArchCondition<JavaClass> seeOnlyOwnModuleAndApi() {
        return new ArchCondition<>("see only their own module and api of ours") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                    JavaClass seen = dependency.getTargetClass().getBaseComponentType();
                    if (isIn("grantlab", seen)
                            && !isIn(API, seen)
                            && !module(seen).equals(module(type))) {
                        events.add(violated(type, dependency.getDescription()));
                    }
                }
            }
        };
    }

    private static String module(JavaClass type) {
        String uri = type.getSource().orElseThrow().getUri().toString();
        return uri.substring(0, uri.length() - (type.getName().replace('.', '/') + ".class").length());
    }
}
