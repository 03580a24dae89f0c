{{/*
The pod of a component. Takes a dictionary:
  root         the chart's context
  component    intake, status, worker, portal, console
  values       the component's own values
  command      program and command, as a list
  env          the environment: a map of names and values
  secretFiles  settings that stand in files of the component's Secret: a map of settings and keys
  port         of callers, 0 for none
  internalPort of probes and metrics
  preStop      seconds between leaving the endpoints and SIGTERM, 0 for none
  grace        seconds until a pod that does not end is killed
  folders      folders that are written to and end with the pod: a map of names and paths
  spool        whether a volume `spool` is there
  identity, catalogue, tls: whether these are mounted
  account      whether it talks to Kubernetes
*/}}
{{- define "sportello.pod" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
metadata:
  labels:
    {{- include "sportello.labels" (list $root .component) | nindent 4 }}
  {{- if .identity }}
  annotations:
    # a change of the issuers starts new pods
    checksum/identity: {{ $values.identity.issuers | sha256sum }}
  {{- end }}
spec:
  serviceAccountName: {{ include "sportello.name" (list $root .component) }}
  automountServiceAccountToken: {{ .account }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .grace }}
  {{- include "sportello.placement" (list $root .component) | nindent 2 }}
  {{- include "sportello.podSecurity" $root | nindent 2 }}
  containers:
    - name: {{ .component }}
      {{- include "sportello.container" $root | nindent 6 }}
      command: {{ toJson .command }}
      env:
        {{- include "sportello.settings" .env | trim | nindent 8 }}
        {{- range $setting, $key := .secretFiles }}
        - name: {{ $setting }}
          value: /etc/sportello/secrets/{{ $key }}
        {{- end }}
        {{- include "sportello.commonEnv" (dict "root" $root "tls" .tls) | nindent 8 }}
      ports:
        {{- if .port }}
        - { name: callers, containerPort: {{ .port }}, protocol: TCP }
        {{- end }}
        - { name: internal, containerPort: {{ .internalPort }}, protocol: TCP }
      # a start reads keys and catalogue, and may wait for the database: two minutes
      startupProbe:
        httpGet: { path: /livez, port: internal }
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /livez, port: internal }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /readyz, port: internal }
        periodSeconds: 5
        timeoutSeconds: 3
        failureThreshold: 2
      {{- if .preStop }}
      # native, since the image has no shell: the endpoints forget the pod before it stops accepting
      lifecycle:
        preStop:
          sleep: { seconds: {{ .preStop }} }
      {{- end }}
      resources:
        {{- toYaml .values.resources | nindent 8 }}
      volumeMounts:
        {{- if .values.existingSecret }}
        - { name: secrets, mountPath: /etc/sportello/secrets, readOnly: true }
        {{- end }}
        {{- if .identity }}
        - { name: identity, mountPath: /etc/sportello/identity, readOnly: true }
        {{- end }}
        {{- if and .catalogue $values.catalogue.existingConfigMap }}
        - { name: catalogue, mountPath: /etc/sportello/catalogue, readOnly: true }
        {{- end }}
        {{- if and .tls $values.tls.enabled }}
        - { name: tls, mountPath: /etc/sportello/tls, readOnly: true }
        {{- end }}
        {{- if $values.tls.authorities.existingConfigMap }}
        - { name: authorities, mountPath: /etc/sportello/authorities, readOnly: true }
        {{- end }}
        {{- range $name, $path := .folders }}
        - { name: {{ $name }}, mountPath: {{ $path }} }
        {{- end }}
        {{- if .spool }}
        - { name: spool, mountPath: /spool }
        {{- end }}
  volumes:
    {{- if .values.existingSecret }}
    - name: secrets
      {{- include "sportello.secretVolume" .values.existingSecret | nindent 6 }}
    {{- end }}
    {{- if .identity }}
    - name: identity
      configMap: { name: {{ include "sportello.name" (list $root "identity") }} }
    {{- end }}
    {{- if and .catalogue $values.catalogue.existingConfigMap }}
    - name: catalogue
      configMap: { name: {{ $values.catalogue.existingConfigMap }} }
    {{- end }}
    {{- if and .tls $values.tls.enabled }}
    - name: tls
      {{- include "sportello.secretVolume" .values.tls.existingSecret | nindent 6 }}
    {{- end }}
    {{- with include "sportello.authorities" $root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- range $name, $path := .folders }}
    - name: {{ $name }}
      emptyDir: { sizeLimit: 256Mi }
    {{- end }}
{{- end }}

{{/* A Secret as a read-only volume: the group may read, which is the pod's. */}}
{{- define "sportello.secretVolume" -}}
secret:
  secretName: {{ . }}
  # 0440, which not every reader of YAML takes for octal
  defaultMode: 288
{{- end }}

{{/* The authorities that services trust, where the office has its own. */}}
{{- define "sportello.authorities" -}}
{{- if .Values.tls.authorities.existingConfigMap }}
- name: authorities
  configMap: { name: {{ .Values.tls.authorities.existingConfigMap }} }
{{- end }}
{{- end }}

{{/* What every container has in common. */}}
{{- define "sportello.container" -}}
image: {{ include "sportello.image" . }}
imagePullPolicy: IfNotPresent
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{/* Settings that every service has. Takes root, and whether it speaks TLS to its callers. */}}
{{- define "sportello.commonEnv" -}}
{{- $values := .root.Values -}}
- { name: RUST_LOG, value: {{ $values.log | quote }} }
{{- if $values.telemetry.endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ $values.telemetry.endpoint | quote }} }
- { name: OTEL_TRACES_SAMPLER, value: {{ $values.telemetry.sampler | quote }} }
{{- end }}
{{- if $values.allowClearText }}
- { name: ALLOW_CLEAR_TEXT, value: "true" }
{{- end }}
{{- if $values.tls.authorities.existingConfigMap }}
- { name: SSL_CERT_FILE, value: /etc/sportello/authorities/{{ $values.tls.authorities.key }} }
{{- end }}
{{- if and .tls $values.tls.enabled }}
- { name: TLS_CERTIFICATE, value: /etc/sportello/tls/tls.crt }
- { name: TLS_KEY, value: /etc/sportello/tls/tls.key }
{{- end }}
{{- end }}

{{/* Who runs the processes. OpenShift gives user and group itself. */}}
{{- define "sportello.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  seccompProfile: { type: RuntimeDefault }
  {{- if not .Values.openshift }}
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* On which nodes: spread over zones and machines, as far as there are some. Takes (list root component). */}}
{{- define "sportello.placement" -}}
{{- $root := index . 0 -}}
{{- $selector := include "sportello.selector" . -}}
topologySpreadConstraints:
  {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
  {{- end }}
{{- with $root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
