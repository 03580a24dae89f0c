{{/* The name of a component's objects. Takes (list root component). */}}
{{- define "sportello.name" -}}
{{- $root := index . 0 -}}
{{- printf "%s-%s" $root.Release.Name (index . 1) | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{/* What selects a component's pods. Takes (list root component). */}}
{{- define "sportello.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: sportello
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* All labels of an object. Takes (list root component). */}}
{{- define "sportello.labels" -}}
{{- $root := index . 0 -}}
{{ include "sportello.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
{{- end }}

{{/* `metadata` of an object. Takes (list root component). */}}
{{- define "sportello.metadata" -}}
name: {{ include "sportello.name" . }}
namespace: {{ (index . 0).Release.Namespace }}
labels:
  {{- include "sportello.labels" . | nindent 2 }}
{{- end }}

{{/* The host of a component inside the cluster. Takes (list root component). */}}
{{- define "sportello.host" -}}
{{- printf "%s.%s.svc" (include "sportello.name" .) (index . 0).Release.Namespace -}}
{{- end }}

{{/* How components reach each other's addresses for callers. */}}
{{- define "sportello.scheme" -}}
{{- if .Values.tls.enabled }}https{{ else }}http{{ end -}}
{{- end }}

{{/* The image, pinned by tag, or by digest where there is one. */}}
{{- define "sportello.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if .Values.image.digest -}}
{{- printf "%s:%s@%s" .Values.image.repository $tag .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository $tag -}}
{{- end -}}
{{- end }}

{{/* The public address of intake and of status: that of the portal where they have none of their own. */}}
{{- define "sportello.intakeUrl" -}}
{{- .Values.addresses.intake | default .Values.addresses.portal -}}
{{- end }}
{{- define "sportello.statusUrl" -}}
{{- .Values.addresses.status | default .Values.addresses.portal -}}
{{- end }}

{{/* A value of the environment: whole numbers as they were written. */}}
{{- define "sportello.value" -}}
{{- if kindIs "float64" . }}{{ int64 . | quote }}{{ else }}{{ toString . | quote }}{{ end -}}
{{- end }}

{{/* The environment from a map of settings. */}}
{{- define "sportello.settings" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  value: {{ include "sportello.value" $value }}
{{- end }}
{{- end }}
