{{/* Peers of a policy: pods of a namespace, or a range of addresses. */}}
{{- define "sportello.peers" -}}
{{- range . }}
{{- if .cidr }}
- ipBlock: { cidr: {{ .cidr | quote }} }
{{- else }}
- namespaceSelector:
    matchLabels: { kubernetes.io/metadata.name: {{ .namespace }} }
  {{- with .podLabels }}
  podSelector:
    matchLabels:
      {{- toYaml . | nindent 6 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* A component of this release as a peer. Takes (list root component). */}}
{{- define "sportello.ownPeer" -}}
- podSelector:
    matchLabels:
      {{- include "sportello.selector" . | nindent 6 }}
{{- end }}

{{/*
One rule. Takes root, direction ("to" or "from"), ports, and peers: own components in `own`, others
in `peers`.
*/}}
{{- define "sportello.rule" -}}
{{- $root := .root -}}
- {{ .direction }}:
    {{- range .own }}
    {{- include "sportello.ownPeer" (list $root .) | nindent 4 }}
    {{- end }}
    {{- with .peers }}
    {{- include "sportello.peers" . | trim | nindent 4 }}
    {{- end }}
  ports:
    {{- range .ports }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
{{- end }}
