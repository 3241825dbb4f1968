{{/* Labels of an object. Call it with a list: the root, and the component or "". */}}
{{- define "penstock.labels" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
app.kubernetes.io/name: penstock
{{- with $component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/version: {{ $root.Values.image.tag | default $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name ($root.Chart.Version | replace "+" "_") }}
{{- with $root.Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What selects the pods of a component. */}}
{{- define "penstock.selector" -}}
app.kubernetes.io/name: penstock
app.kubernetes.io/component: {{ . }}
{{- end }}

{{- define "penstock.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "penstock.configMap" -}}
{{ .Values.existingConfigMap | default "penstock-config" }}
{{- end }}

{{/* Labels and annotations of a pod. Call it with a list: the root, the component, the role's values. */}}
{{- define "penstock.podMetadata" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $role := index . 2 -}}
labels:
  {{- include "penstock.selector" $component | nindent 2 }}
  {{- with $root.Values.extraLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if or $role.podAnnotations (not $root.Values.existingConfigMap) }}
annotations:
  {{- with $role.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if not $root.Values.existingConfigMap }}
  # A change of the configuration replaces the pods, which read it only at their start.
  checksum/config: {{ $root.Values.config | sha256sum }}
  {{- end }}
{{- end }}
{{- end }}

{{/* What all pods have in common. Call it with a list: the root, the role's values, the service account. */}}
{{- define "penstock.pod" -}}
{{- $root := index . 0 -}}
{{- $role := index . 1 -}}
serviceAccountName: {{ index . 2 }}
automountServiceAccountToken: false
# Otherwise a Service named penstock would set PENSTOCK_PORT=tcp://..., and Penstock reads variables with this prefix as settings.
enableServiceLinks: false
terminationGracePeriodSeconds: 45
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $role.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $role.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $role.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{/* Spread over zones and nodes. Call it with the component. */}}
{{- define "penstock.spread" -}}
topologySpreadConstraints:
  {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "penstock.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{- define "penstock.container" -}}
name: penstock
image: {{ include "penstock.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{/* The three probes. Call it with a list: the seconds between readiness probes, the failures that end a start. */}}
{{- define "penstock.probes" -}}
startupProbe:
  httpGet: {path: /health/startup, port: management}
  periodSeconds: 2
  timeoutSeconds: 2
  failureThreshold: {{ index . 1 }}
readinessProbe:
  httpGet: {path: /health/ready, port: management}
  periodSeconds: {{ index . 0 }}
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet: {path: /health/live, port: management}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end }}

{{/* Mounts and volumes that every pod has; the second with a list: the root, the Kafka user's Secret. */}}
{{- define "penstock.mounts" -}}
- {name: config, mountPath: /etc/penstock/config, readOnly: true}
{{- if .Values.kafka.authenticated }}
- {name: kafka, mountPath: /etc/penstock/kafka, readOnly: true}
{{- end }}
{{- if .Values.kafka.ca.existingSecret }}
- {name: kafka-ca, mountPath: /etc/penstock/kafka-ca, readOnly: true}
{{- end }}
- {name: tmp, mountPath: /tmp}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "penstock.volumes" -}}
{{- $root := index . 0 -}}
- name: config
  configMap: {name: {{ include "penstock.configMap" $root }}, defaultMode: 0440}
{{- if $root.Values.kafka.authenticated }}
- name: kafka
  secret:
    secretName: {{ index . 1 }}
    defaultMode: 0440
    items:
      {{- range $root.Values.kafka.keys }}
      - {key: {{ . }}, path: {{ . }}}
      {{- end }}
{{- end }}
{{- with $root.Values.kafka.ca.existingSecret }}
- name: kafka-ca
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - {key: {{ $root.Values.kafka.ca.key }}, path: ca.crt}
{{- end }}
# The native libraries of the compression codecs are unpacked here.
- name: tmp
  emptyDir: {sizeLimit: 128Mi}
{{- with $root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A claim. Call it with a list: the name, the size, the storage class or "". */}}
{{- define "penstock.claim" -}}
- metadata:
    name: {{ index . 0 }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with index . 2 }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests: {storage: {{ index . 1 }}}
{{- end }}
