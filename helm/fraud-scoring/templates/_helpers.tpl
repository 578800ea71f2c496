{{- define "fraud-scoring.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* 54: leaves room for "-headless" within the 63 characters of a DNS label. */}}
{{- define "fraud-scoring.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 54 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 54 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 54 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "fraud-scoring.selectorLabels" -}}
app.kubernetes.io/name: {{ include "fraud-scoring.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "fraud-scoring.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "fraud-scoring.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "fraud-scoring.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "fraud-scoring.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "fraud-scoring.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s%s" .repository (default $.Chart.AppVersion .tag) (ternary $.Values.gpu.tagSuffix "" $.Values.gpu.enabled) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Whether records pass a SASL login; empty when not. */}}
{{- define "fraud-scoring.usesSasl" -}}
{{- if hasPrefix "Sasl" (default "Plaintext" .Values.config.Kafka.SecurityProtocol) }}true{{ end }}
{{- end }}

{{/* An option's value as text. YAML numbers are floats here, and a large one would be written as 1e+06, which the service refuses. */}}
{{- define "fraud-scoring.option" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{- define "fraud-scoring.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
{{ toYaml .settings }}
{{- end }}

{{/* Faults that the schema cannot express, or not clearly enough; all are listed together. */}}
{{- define "fraud-scoring.faults" -}}
{{- if not .Values.secret.name }}
- secret.name must name an existing Secret with the configuration string of Redis and the entity hash secret.
  The embedded store loses everything at a restart and is for trying out only.
{{- end }}
{{- if not .Values.config.Kafka.BootstrapServers }}
- config.Kafka.BootstrapServers must be set to addresses as host:port, separated by commas.
  The embedded broker loses everything at a restart and is for trying out only.
{{- end }}
{{- if and (include "fraud-scoring.usesSasl" .) (not .Values.config.Kafka.SaslUsername) }}
- config.Kafka.SaslUsername must be set when config.Kafka.SecurityProtocol is {{ .Values.config.Kafka.SecurityProtocol }}.
  The password is read from the Secret.
{{- end }}
{{- if eq (int .Values.config.Listen.GrpcPort) (int .Values.config.Listen.HttpPort) }}
- config.Listen.GrpcPort and config.Listen.HttpPort must differ: without TLS a port speaks either HTTP/2 or HTTP/1.1.
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}
- autoscaling.minReplicas must not be above autoscaling.maxReplicas.
{{- end }}
{{- end }}
