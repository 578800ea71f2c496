{{/* The environment that comes from the Secret. */}}
{{- define "fraud-scoring.secrets" -}}
{{- $keys := .Values.secret.keys }}
{{- $secret := .Values.secret.name }}
- name: Redis__Configuration
  valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ $keys.redisConfiguration | quote }} } }
- name: Redis__EntityHashSecret
  valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ $keys.entityHashSecret | quote }} } }
- name: Redis__PreviousEntityHashSecret
  valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ $keys.previousEntityHashSecret | quote }}, optional: true } }
{{- if include "fraud-scoring.usesSasl" . }}
- name: Kafka__SaslPassword
  valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ $keys.kafkaSaslPassword | quote }} } }
{{- end }}
{{- if .Values.config.Kafka.SslKeyLocation }}
- name: Kafka__SslKeyPassword
  valueFrom: { secretKeyRef: { name: {{ $secret | quote }}, key: {{ $keys.kafkaSslKeyPassword | quote }}, optional: true } }
{{- end }}
{{- end }}

{{/* Requests and limits, with the GPU among the limits. */}}
{{- define "fraud-scoring.resources" -}}
{{- $resources := deepCopy .Values.resources }}
{{- if .Values.gpu.enabled }}
{{- $gpu := dict "limits" (dict .Values.gpu.resource .Values.gpu.count) }}
{{- $resources = mergeOverwrite $resources $gpu }}
{{- end }}
{{- toYaml $resources }}
{{- end }}

{{/* Where pods may run, and apart from each other. */}}
{{- define "fraud-scoring.placement" -}}
{{- with .Values.topologySpread }}
topologySpreadConstraints:
  {{- range . }}
  - topologyKey: {{ .topologyKey }}
    maxSkew: {{ .maxSkew }}
    whenUnsatisfiable: {{ .whenUnsatisfiable }}
    labelSelector:
      matchLabels:
        {{- include "fraud-scoring.selectorLabels" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
{{- range $field := list "nodeSelector" "tolerations" "affinity" }}
{{- with index $.Values $field }}
{{ $field }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}
