package io.penstock.ingest.deploy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The example of a Job that drains a volume fits the ingress whose volume it is. */
class SpoolDrainJobTest {

  private static PodSpec job() throws IOException {
    Job job =
        Manifests.of(Repository.text("deploy/k8s/examples/spool-drain.yaml")).all(Job.class).get(0);
    assertThat(job.getSpec().getTemplate().getMetadata().getLabels())
        .as("network policies let it reach Kafka")
        .containsEntry("app.kubernetes.io/name", "penstock")
        .as("no Service sends deliveries to it")
        .doesNotContainEntry("app.kubernetes.io/component", "ingress");
    return job.getSpec().getTemplate().getSpec();
  }

  private static Map<String, String> mounts(Container container) {
    return container.getVolumeMounts().stream()
        .collect(Collectors.toMap(VolumeMount::getName, VolumeMount::getMountPath));
  }

  private static Map<String, Volume> volumes(PodSpec pod) {
    return pod.getVolumes().stream()
        .collect(Collectors.toMap(Volume::getName, Function.identity()));
  }

  @Test
  void itHasTheRightsAndTheVolumeOfAnIngressAndNoSecretOfASource() throws IOException {
    PodSpec job = job();
    StatefulSet ingress =
        Manifests.render("deploy/k8s/overlays/production")
            .find(StatefulSet.class, "penstock-ingress")
            .orElseThrow();
    PodSpec pod = ingress.getSpec().getTemplate().getSpec();
    Container drain = job.getContainers().get(0);
    Container serve = pod.getContainers().get(0);

    assertThat(job.getSecurityContext()).isEqualTo(pod.getSecurityContext());
    assertThat(drain.getSecurityContext()).isEqualTo(serve.getSecurityContext());
    assertThat(drain.getImage()).isEqualTo(serve.getImage());
    assertThat(job.getServiceAccountName()).isEqualTo(pod.getServiceAccountName());
    assertThat(drain.getResources().getLimits()).containsKey("memory");
    assertThat(drain.getResources().getRequests()).containsKeys("cpu", "memory");

    assertThat(mounts(serve)).containsAllEntriesOf(mounts(drain));
    for (String name : List.of("kafka", "kafka-ca")) {
      assertThat(volumes(job).get(name)).isEqualTo(volumes(pod).get(name));
    }
    assertThat(volumes(job)).doesNotContainKey("secrets");

    PersistentVolumeClaim template = ingress.getSpec().getVolumeClaimTemplates().get(0);
    assertThat(requireNonNull(volumes(job).get("spool")).getPersistentVolumeClaim().getClaimName())
        .startsWith(template.getMetadata().getName() + "-penstock-ingress-");
    assertThat(drain.getArgs())
        .containsExactly(
            "spool",
            "drain",
            "--config",
            serve.getArgs().get(2),
            "--directory",
            mounts(drain).get("spool"));
  }
}
